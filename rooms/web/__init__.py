"""Pages: views, forms, the admin, addresses."""
