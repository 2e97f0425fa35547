"""How dates look, where Django's own forms are not ours: `FORMAT_MODULE_PATH`."""
