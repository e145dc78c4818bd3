"""Windows that follow from the result's size, and windows of everything."""

from . import rows, suite

CALLS = "global avg", "global max", "adaptive avg", "adaptive max"
FIRST = rows.names(*CALLS, layout="channels first")


class AdaptiveGlobal(suite.Rows):
    """The contract's rows; channels last is in layouts.py."""

    params = FIRST


class AdaptiveGlobalPeers(suite.Peers):
    """The same, beside each peer."""

    params = (FIRST, ["torch", "onnxruntime", "OpenVINO"])
