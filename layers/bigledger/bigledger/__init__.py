"""BigLedger's shared domain code: a kernel and one package per module of the business."""
