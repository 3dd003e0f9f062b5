"""A small real model on this machine, so that evochat answers with no credentials at all."""

MODEL = "smollm2-135m-instruct"
READY_LINE = "local model on "
