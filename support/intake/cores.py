"""Linear algebra on one core: as many processes run side by side as there are cores.

Left to itself each library takes all of them, for sums so small that its threads mostly wait for each other, and burn a
core each while they wait. Learning took eight times as long by it.
"""


def one_core() -> None:
    """For whatever is loaded by now; asked again by whoever loads more."""
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    threadpool_limits(limits=1)
