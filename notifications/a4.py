"""How does a sheet of paper look, whichever writer lays it out: its measures, sizes and colours?"""

MARGIN = 20.0  # millimetres
TEXT_WIDTH = 210.0 - 2 * MARGIN
LINE = 6.0  # millimetres to a handwritten line
TITLE, SUBTITLE, BODY, SMALL = 18, 12, 10, 8.5  # points
HEADINGS = {1: 12, 2: 10.5}  # points by level
GREY, PALE, BLACK = (96, 96, 96), (236, 240, 245), (17, 24, 39)
