"""What a fault is; the same as in the library on Flask."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault, named

__all__ = ["Edit", "Fault", "fault", "named"]
