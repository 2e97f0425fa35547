"""The async edge: the only place that imports socketio. Never an ORM call here, they go through the bridge."""
