"""What do people type that is not meant as text: code, formulas, headers, paths, marks that turn a line round?

A short list of our own, each of a kind that some part of the engine could take for something else than words.
"""

HTML = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "</td></table><h1>x</h1>",
)
MARKDOWN = ("[ici](javascript:alert(1))", "![x](http://evil.test/x.png)", "| a | b |", "`code` **gras** # titre")
FORMULAS = ('=HYPERLINK("http://evil.test","ici")', "+1+1", "-2+3|cmd!A0", "@SUM(1,1)", "=cmd|' /C calc'!A0")
TEMPLATES = ("{{ 7*7 }}", "{% for x in ().__class__.__base__.__subclasses__() %}", "${7*7}", "#{7*7}", "%(x)s %s {0}")
PATHS = ("../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "con.txt", "a/b")
DATABASE = ("'; DROP TABLE event; --", '" OR 1=1 --', "\\'; SELECT 1")
WORDS = (
    "Éducation — « L’Haÿ-les-Roses »",
    "مدينة",
    "東京",
    "🏫🇫🇷",
    "a\u202eb",
    "a\u200bb",
    "ﬁn",
    "NULL",
    "None",
    "nan",
    "0x10",
    "1e999",
)
LINES = ("Objet\r\nBcc: mechant@evil.test", "a\nb", "a\r\n\r\n<b>corps</b>")

IN_ONE_LINE = (*HTML, *MARKDOWN, *FORMULAS, *TEMPLATES, *PATHS, *DATABASE, *WORDS)
