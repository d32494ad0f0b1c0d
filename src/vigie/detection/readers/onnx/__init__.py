"""A model in the ONNX form, read by ONNX Runtime on the processor. Needs the extra `second`."""
