"""BigLedger's shared domain code: a kernel and one package per module of the business."""

__version__ = "0.1.0"
