"""English as much of the world writes it: the day first, a clock of 24 hours. In the letters of Django's `date`."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
MONTH_DAY_FORMAT = "j F"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
