"""A process that loads stored documents first, so that one that cannot be loaded ends nothing but this process.

pycrdt is native code: a few stored bytes can overflow its stack or fill the memory (trap Y4), and would do so in each
process that opens the document, one after the other. No Django, no database and no secret here: what a canary gets are
bytes, and what it answers is whether they load.
"""
