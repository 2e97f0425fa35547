"""What the page costs the person in front of it: `python -m tests.bench.page` measures it in Chromium."""
