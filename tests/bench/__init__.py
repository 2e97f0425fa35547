"""The edit path measured beside what people would pick instead: `python -m tests.bench`, see docs/performance.md."""
