"""Which tables are there, all of them?"""

from models import life_tables, tables

metadata = tables.metadata
EVERY_MODULE = (tables, life_tables)
