import doctest
import subprocess
import sys

import matching


def test_the_package_exports_exactly_what_it_lists() -> None:
    assert all(hasattr(matching, name) for name in matching.__all__)
    public = {
        name
        for name, value in vars(matching).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("matching")
    }
    assert public | {"STAGES"} == set(matching.__all__)


def test_the_example_of_the_package_holds() -> None:
    assert doctest.testmod(matching).failed == 0


def test_importing_the_package_loads_neither_the_solver_nor_the_product() -> None:
    code = (
        "import sys, matching; print({'ortools', 'flask', 'sqlalchemy', 'app'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


def test_a_command_that_has_another_process_solve_does_without_numpy() -> None:
    code = "import sys, matching.cli; print('numpy' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
