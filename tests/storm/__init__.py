"""`manage.py storm`: the figures are right, the simulation is, and real clients come back."""
