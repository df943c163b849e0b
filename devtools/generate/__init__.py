"""Prints everything that follows from the operations, and checks that what is committed is what would be printed.

From the files of ``functions/`` and the example tests: a SAM template per module, the OpenAPI document, a JSON
Schema and an example of each event, an example of each operation, and the reference pages. Printing is a pure
function of those; the order of everything is fixed, so that a change shows as the change it is.
"""
