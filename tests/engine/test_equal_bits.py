"""Machine code and plain Python run the same source and give the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate

WINDOW = ("run.warmup_h=3", "run.duration=36h")


NOW = [
    ("quickstart", "2025-07-14"), ("greensboro", "2025-04-10"), ("reference_plant", "2025-02-01"),
    ("technologies/crac_dx", "2025-03-20"), ("technologies/humidity_control", "2025-07-14"),
    ("technologies/immersion", "2025-07-14"), ("technologies/rear_doors", "2025-07-14"),
    ("technologies/outdoor_air", "2025-03-20"), ("technologies/outdoor_air_dx", "2025-07-21"),
    ("grid/solar_battery", "2021-07-14"), ("technologies/chilled_water_storage", "2025-07-14"),
    ("power_capping", "2025-07-14"),
]  # fmt: skip
WITH_THE_REFERENCES = [
    ("quickstart", "2025-01-10"), ("greensboro", "2025-01-15"), ("greensboro", "2025-08-01"),
    ("technologies/air_cooled_free_cooling", "2025-02-01"), ("technologies/dry_coolers", "2025-07-01"),
    ("technologies/adiabatic_coolers", "2025-03-20"), ("technologies/humidity_control", "2025-01-10"),
    ("technologies/cop_map_chillers", "2025-07-14"), ("technologies/cop_map_air_cooled_chillers", "2025-07-14"),
    ("technologies/direct_to_chip", "2025-07-14"), ("technologies/warm_water_hybrid", "2025-01-10"),
    ("technologies/outdoor_air", "2025-01-10"), ("technologies/outdoor_air", "2025-07-14"),
    ("technologies/indirect_evaporative", "2025-01-10"), ("technologies/indirect_evaporative", "2025-07-14"),
    ("archetypes/02_large_waterside", "2025-04-10"), ("archetypes/10_small_direct_expansion", "2025-07-14"),
    ("technologies/frontier_power", "2025-07-14"), ("technologies/ups_batteries", "2025-07-14"),
    ("technologies/generator_running", "2025-07-20"), ("grid/price_battery", "2021-02-14"),
    ("grid/peak_shaving", "2025-07-14"), ("grid/planned_battery", "2025-07-21"),
    ("grid/demand_response", "2025-07-15"), ("technologies/heat_reuse", "2025-01-10"),
    ("technologies/heat_reuse", "2025-07-14"), ("sites/esif", "2025-04-10"), ("sites/summit", "2025-07-14"),
    ("technologies/setpoint_resets", "2025-03-20"), ("technologies/warm_chillers", "2025-07-14"),
    ("technologies/economizer_alone", "2025-03-01"), ("technologies/lake_water", "2025-07-14"),
    ("technologies/units_kept_running", "2025-07-14"), ("technologies/dc_380", "2025-07-14"),
    ("technologies/standby_generators", "2025-01-10"), ("work/shift_policies", "2025-07-14"),
    ("work/follow_pv", "2025-07-14"), ("technologies/shared_servers", "2025-03-22"),
    ("grid/without_utility", "2025-01-10"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start"), [*NOW, *(pytest.param(*one, marks=pytest.mark.slow) for one in WITH_THE_REFERENCES)]
)
def test_plain_python_equals_machine_code_bit_for_bit(name: str, start: str) -> None:
    scenario = shipped(name, f"run.start={start}", *WINDOW)
    compiled, plain = simulate(scenario, engine="compiled"), simulate(scenario, engine="plain")
    for variable in compiled.data_vars:
        if compiled[variable].dtype.kind == "f":
            np.testing.assert_array_equal(compiled[variable].values, plain[variable].values, err_msg=str(variable))


def test_the_loss_of_cooling_is_equal_too() -> None:
    scenario = shipped("loss_of_cooling", "run.duration=4min")
    compiled, plain = simulate(scenario, engine="compiled"), simulate(scenario, engine="plain")
    np.testing.assert_array_equal(compiled["halls.hall.air.air_c"].values, plain["halls.hall.air.air_c"].values)
