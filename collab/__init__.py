"""How the process is put together: settings, addresses, the ASGI application, the worker, system checks."""
