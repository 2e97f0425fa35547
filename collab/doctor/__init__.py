"""`manage.py doctor`: a look at a deployment through its load balancer, and what to change where."""
