"""How much an update makes a document grow: what decides about it once a document is as large as it may be."""

from rooms.core.updates import COLLECTED, Summary


def growth(summary: Summary, known: dict[int, int]) -> tuple[int, int]:
    """Return how many operations an update brings that are not in `known` (client → clock), and how many it deletes.

    A letter is one (in UTF-16), and so are an element, an attribute and a format. What was deleted before may be among
    the deletes: Yjs sends all that it knows of, where it does not send a single change.
    """
    brought = sum(
        end - max(clock, known.get(client, 0))
        for client, clock, end, _, _, _, kind in summary.items
        if kind < COLLECTED and end > known.get(client, 0)
    )
    return brought, sum(end - start for _, start, end in summary.deletes)


def may_grow(summary: Summary, known: dict[int, int], *, size: int, most: int) -> bool:
    """Whether a document of `size` bytes, this update included, may take it although that is over `most`.

    What only deletes, and what repeats what is there, always may. So may what brings no more than it deletes, up to an
    eighth over the bound: whoever makes room joins paragraphs, which editors do by writing the second one again.
    """
    brought, deleted = growth(summary, known)
    return not brought or (brought <= deleted and size <= most + most // 8)
