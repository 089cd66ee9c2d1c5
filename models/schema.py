"""Which tables are there, all of them?"""

from models import event_tables, letter_tables, life_tables, portal_tables, tables

metadata = tables.metadata
EVERY_MODULE = (tables, event_tables, life_tables, letter_tables, portal_tables)
