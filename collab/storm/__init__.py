"""`manage.py storm`: what it costs when many clients lose their connection at once, on real clients or computed."""
