"""The reference plant, told to EnergyPlus: parameters in, an epJSON model (a plain dict) out.

One constant load, one water-cooled chiller, one cooling tower, two pumps; no building, no zones. Every quantity of
the plant is a field or a constant here, and the replay of the same plant (:mod:`tests.reference.replay_plant`) reads
the same constants. Object and field names are those of the EnergyPlus 25.2 Input Output Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Model = dict[str, dict[str, dict[str, Any]]]

CHILLER_CAPACITY_W = 1.25e6
CHILLER_COP = 5.81
CHILLER_REFERENCE_C = (6.67, 29.44)  # chilled water leaving, condenser water entering
# York YT 1023 kW, 5.81 COP, vanes: EnergyPlus data set Chillers.idf, as stored in Modelica Buildings ElectricEIR
CAPACITY_CURVE = (0.2571195, -0.01571421, -0.003041761, 0.08106512, -0.002568598, 0.004247073)
EIR_CURVE = (0.5254964, -0.01972389, 0.0003441072, 0.01651466, 0.0002005198, -0.0003193246)
PART_LOAD_CURVE = (0.2368399, 0.3286421, 0.4344939)
PART_LOAD_RANGE = (0.09, 1.06)
CHILLED_WATER_RANGE_C = (4.44, 8.89)
CONDENSER_WATER_RANGE_C = (12.78, 35.0)

CHILLED_WATER_M3_S, CHILLED_WATER_PUMP_W, CHILLED_WATER_HEAD_PA = 0.040, 11396.0, 200e3
CONDENSER_WATER_M3_S, CONDENSER_WATER_PUMP_W, CONDENSER_WATER_HEAD_PA = 0.055, 14103.0, 180e3
MOTOR_EFFICIENCY = 0.9
LOOP_CIRCULATION_MIN = 2.0  # EnergyPlus default: loop volume = design flow x 2 min

TOWER_WET_BULB_C, TOWER_APPROACH_K, TOWER_RANGE_K = 25.56, 3.9, 5.6
TOWER_AIR_M3_S, TOWER_FAN_W, TOWER_MIN_AIR_RATIO = 33.16, 12600.0, 0.2
TOWER_SET_POINT_K, TOWER_SET_POINT_RANGE_C = 4.0, (18.0, 32.0)  # wet bulb + 4 K, within 18..32 C
DRIFT_FRAC, CYCLES = 8e-5, 4.0
# W/K: gives the Merkel tower the same design point, in EnergyPlus's own equations, at 101 325 Pa and 35 C dry bulb;
# merkel_design.merkel_design_ua_w_k() finds it
MERKEL_UA_W_K = 83231.76

TOWER_OBJECTS = {"yorkcalc": "CoolingTower:VariableSpeed", "merkel": "CoolingTower:VariableSpeed:Merkel"}
CHILLER_OBJECT, PUMP_OBJECT = "Chiller:Electric:EIR", "Pump:VariableSpeed"


@dataclass(frozen=True)
class Plant:
    """What may vary from run to run.

    ``converged`` raises the number of plant iterations (ConvergenceLimits 8..30). With EnergyPlus's defaults (2..8)
    the chiller of a full-fan step works on condenser water of an earlier iteration, which costs it about .1 % of its
    annual electricity; the published figures of this plant are of that kind.
    """

    load_kw: float = 1000.0
    chilled_water_c: float = 7.0
    tower: Literal["yorkcalc", "merkel"] = "yorkcalc"
    converged: bool = False


def epjson(plant: Plant, outputs: dict[str, tuple[str, str]], frequency: str = "Timestep") -> Model:
    """EnergyPlus model of the plant.

    Parameters
    ----------
    plant
        What varies.
    outputs
        Output variables asked for, as ``{column: (key, EnergyPlus variable name)}``.
    frequency
        ``Timestep`` (15 minutes) or ``Hourly``.

    Returns
    -------
    dict
        ``{object type: {object name: {field: value}}}``, ready for ``json.dump``.
    """
    model: Model = {}
    for part in (_run(plant), _load(plant), _chiller(), _tower(plant), *_loops(plant)):
        for kind, objects in part.items():
            model.setdefault(kind, {}).update(objects)
    model["Output:Variable"] = {
        column: {"key_value": key, "variable_name": variable, "reporting_frequency": frequency}
        for column, (key, variable) in outputs.items()
    }
    return model


def _run(plant: Plant) -> Model:
    """Version, calendar (a plain year from 1 January), 15-minute steps and the iteration limits."""
    days = {"begin_month": 1, "begin_day_of_month": 1, "end_month": 12, "end_day_of_month": 31}
    model: Model = {
        "Version": {"version": {"version_identifier": "25.2"}},
        "Building": {"reference plant": {"terrain": "Country", "solar_distribution": "MinimalShadowing"}},
        "GlobalGeometryRules": {
            "rules": {
                "starting_vertex_position": "UpperLeftCorner",
                "vertex_entry_direction": "Counterclockwise",
                "coordinate_system": "Relative",
            }
        },
        "Timestep": {"step": {"number_of_timesteps_per_hour": 4}},
        "SimulationControl": {
            "control": {
                "run_simulation_for_sizing_periods": "No",
                "run_simulation_for_weather_file_run_periods": "Yes",
            }
        },
        "RunPeriod": {"year": {**days, "day_of_week_for_start_day": "Sunday"}},
    }
    if plant.converged:
        limits = {"minimum_plant_iterations": 8, "maximum_plant_iterations": 30}
        model["ConvergenceLimits"] = {"limits": limits}
    return model


def _load(plant: Plant) -> Model:
    """The constant load and the two set-points. EnergyPlus counts a cooling load negative."""
    constants = {"on": 1.0, "load": -1000.0 * plant.load_kw, "chilled water": plant.chilled_water_c}
    lowest, highest = TOWER_SET_POINT_RANGE_C
    return {
        "ScheduleTypeLimits": {"any number": {}},
        "Schedule:Constant": {
            name: {"schedule_type_limits_name": "any number", "hourly_value": value}
            for name, value in constants.items()
        },
        "LoadProfile:Plant": {
            "hall": {
                "inlet_node_name": "chw load in",
                "outlet_node_name": "chw load out",
                "load_schedule_name": "load",
                "peak_flow_rate": CHILLED_WATER_M3_S,
                "flow_rate_fraction_schedule_name": "on",
            }
        },
        "SetpointManager:Scheduled": {
            "chw set-point": {
                "control_variable": "Temperature",
                "schedule_name": "chilled water",
                "setpoint_node_or_nodelist_name": "chw supply out",
            }
        },
        "SetpointManager:FollowOutdoorAirTemperature": {
            "cw set-point": {
                "control_variable": "Temperature",
                "reference_temperature_type": "OutdoorAirWetBulb",
                "offset_temperature_difference": TOWER_SET_POINT_K,
                "minimum_setpoint_temperature": lowest,
                "maximum_setpoint_temperature": highest,
                "setpoint_node_or_nodelist_name": "cw supply out",
            }
        },
    }


def _polynomial(names: tuple[str, ...], values: tuple[float, ...], **limits: float) -> dict[str, float]:
    """One EnergyPlus curve: coefficients under their numbered names, then its limits."""
    numbered = {f"coefficient{i}_{name}": value for i, (name, value) in enumerate(zip(names, values, strict=True), 1)}
    return {**numbered, **limits}


def _chiller() -> Model:
    terms = ("constant", "x", "x_2", "y", "y_2", "x_y")
    (low_x, high_x), (low_y, high_y) = CHILLED_WATER_RANGE_C, CONDENSER_WATER_RANGE_C
    box = {"minimum_value_of_x": low_x, "maximum_value_of_x": high_x}
    box |= {"minimum_value_of_y": low_y, "maximum_value_of_y": high_y}
    part_load = {"minimum_value_of_x": PART_LOAD_RANGE[0], "maximum_value_of_x": PART_LOAD_RANGE[1]}
    chiller = {
        "reference_capacity": CHILLER_CAPACITY_W,
        "reference_cop": CHILLER_COP,
        "reference_leaving_chilled_water_temperature": CHILLER_REFERENCE_C[0],
        "reference_entering_condenser_fluid_temperature": CHILLER_REFERENCE_C[1],
        "reference_chilled_water_flow_rate": CHILLED_WATER_M3_S,
        "reference_condenser_fluid_flow_rate": CONDENSER_WATER_M3_S,
        "cooling_capacity_function_of_temperature_curve_name": "capacity",
        "electric_input_to_cooling_output_ratio_function_of_temperature_curve_name": "eir",
        "electric_input_to_cooling_output_ratio_function_of_part_load_ratio_curve_name": "part load",
        "minimum_part_load_ratio": PART_LOAD_RANGE[0],
        "maximum_part_load_ratio": PART_LOAD_RANGE[1],
        "minimum_unloading_ratio": PART_LOAD_RANGE[0],
        "chilled_water_inlet_node_name": "chw equipment in",
        "chilled_water_outlet_node_name": "chw equipment out",
        "condenser_inlet_node_name": "cw load in",
        "condenser_outlet_node_name": "cw load out",
        "condenser_type": "WaterCooled",
        "chiller_flow_mode": "ConstantFlow",
    }
    return {
        "Curve:Biquadratic": {
            "capacity": _polynomial(terms, CAPACITY_CURVE, **box),
            "eir": _polynomial(terms, EIR_CURVE, **box),
        },
        "Curve:Quadratic": {"part load": _polynomial(("constant", "x", "x_2"), PART_LOAD_CURVE, **part_load)},
        CHILLER_OBJECT: {"chiller": chiller},
    }


def _tower(plant: Plant) -> Model:
    shared = {
        "water_inlet_node_name": "cw equipment in",
        "water_outlet_node_name": "cw equipment out",
        "design_inlet_air_wet_bulb_temperature": TOWER_WET_BULB_C,
        "design_approach_temperature": TOWER_APPROACH_K,
        "design_range_temperature": TOWER_RANGE_K,
        "design_water_flow_rate": CONDENSER_WATER_M3_S,
        "design_air_flow_rate": TOWER_AIR_M3_S,
        "design_fan_power": TOWER_FAN_W,
        "minimum_air_flow_rate_ratio": TOWER_MIN_AIR_RATIO,
        "basin_heater_capacity": 0.0,
        "evaporation_loss_mode": "SaturatedExit",
        "drift_loss_percent": 100.0 * DRIFT_FRAC,
        "blowdown_calculation_mode": "ConcentrationRatio",
        "blowdown_concentration_ratio": CYCLES,
    }
    if plant.tower == "merkel":
        return _merkel_tower(shared)
    york = {"model_type": "YorkCalc", "fraction_of_tower_capacity_in_free_convection_regime": 0.0}
    return {TOWER_OBJECTS["yorkcalc"]: {"tower": {**shared, **york}}}


def _merkel_tower(shared: dict[str, Any]) -> Model:
    """UA method, UA curves of the Input Output Reference; fan power the cube of the air flow, as with YorkCalc."""
    square, unit = ("constant", "x", "x_2"), {"minimum_value_of_x": 0.2, "maximum_value_of_x": 1.0}
    water = {"minimum_value_of_x": 0.3, "maximum_value_of_x": 1.0}
    water |= {"minimum_curve_output": 0.5, "maximum_curve_output": 1.1}
    wet_bulb = {"minimum_value_of_x": -10.0, "maximum_value_of_x": 25.0}
    wet_bulb |= {"minimum_curve_output": 0.85, "maximum_curve_output": 1.3}
    merkel = {
        "performance_input_method": "UFactorTimesAreaAndDesignWaterFlowRate",
        "design_air_flow_rate_u_factor_times_area_value": MERKEL_UA_W_K,
        "free_convection_regime_air_flow_rate": 0.0,
        "free_convection_regime_u_factor_times_area_value": 0.0,
        "fan_power_modifier_function_of_air_flow_rate_ratio_curve_name": "fan",
        "u_factor_times_area_modifier_function_of_air_flow_ratio_curve_name": "ua air",
        "u_factor_times_area_modifier_function_of_water_flow_ratio_curve_name": "ua water",
        "u_factor_times_area_modifier_function_of_wetbulb_temperature_difference_curve_name": "ua wet bulb",
    }
    return {
        TOWER_OBJECTS["merkel"]: {"tower": {**shared, **merkel}},
        "Curve:Cubic": {"fan": _polynomial((*square, "x_3"), (0.0, 0.0, 0.0, 1.0), **unit)},
        "Curve:Quadratic": {
            "ua air": _polynomial(square, (0.0, 1.3, -0.3), **unit),
            "ua water": _polynomial(square, (0.1082, 1.667, -0.7713), **water),
        },
        "Curve:Linear": {"ua wet bulb": _polynomial(("constant", "x"), (1.0, 0.0081), **wet_bulb)},
    }


def _loops(plant: Plant) -> Iterator[Model]:
    """Both loops. The splitters and mixers matter: without them EnergyPlus iterates in another order (-.05 %)."""
    chilled = (CHILLED_WATER_M3_S, CHILLED_WATER_HEAD_PA, CHILLED_WATER_PUMP_W)
    condenser = (CONDENSER_WATER_M3_S, CONDENSER_WATER_HEAD_PA, CONDENSER_WATER_PUMP_W)
    load, chiller = ("LoadProfile:Plant", "hall"), (CHILLER_OBJECT, "chiller")
    for name, design, equipment, user in (
        ("chw", chilled, chiller, load),
        ("cw", condenser, (TOWER_OBJECTS[plant.tower], "tower"), chiller),
    ):
        yield _loop(name, design[0], equipment)
        yield _pump(name, *design)
        pump = (PUMP_OBJECT, f"{name} pump", f"{name} supply in", f"{name} pump out")
        yield _half_loop(name, "supply", pump, (*equipment, f"{name} equipment in", f"{name} equipment out"))
        pipe = ("Pipe:Adiabatic", f"{name} demand first pipe", f"{name} demand in", f"{name} demand pipe out")
        yield _half_loop(name, "demand", pipe, (*user, f"{name} load in", f"{name} load out"))


def _loop(name: str, flow_m3_s: float, equipment: tuple[str, str]) -> Model:
    loop = {
        "fluid_type": "Water",
        "plant_equipment_operation_scheme_name": f"{name} operation",
        "loop_temperature_setpoint_node_name": f"{name} supply out",
        "maximum_loop_temperature": 80.0,
        "minimum_loop_temperature": 1.0,
        "maximum_loop_flow_rate": flow_m3_s,
        "plant_loop_volume": "Autocalculate",
        "loop_circulation_time": LOOP_CIRCULATION_MIN,
        "load_distribution_scheme": "SequentialLoad",
    }
    for half, side in (("supply", "plant"), ("demand", "demand")):
        loop |= {
            f"{side}_side_inlet_node_name": f"{name} {half} in",
            f"{side}_side_outlet_node_name": f"{name} {half} out",
        }
        loop |= {
            f"{side}_side_branch_list_name": f"{name} {half}",
            f"{side}_side_connector_list_name": f"{name} {half}",
        }
    scheme = {"control_scheme_1_object_type": "PlantEquipmentOperation:CoolingLoad"}
    scheme |= {"control_scheme_1_name": f"{name} cooling", "control_scheme_1_schedule_name": "on"}
    cooling = {"load_range_1_lower_limit": 0.0, "load_range_1_upper_limit": 1e12}
    item = {"equipment_object_type": equipment[0], "equipment_name": equipment[1]}
    return {
        "PlantLoop": {f"{name} loop": loop},
        "PlantEquipmentOperationSchemes": {f"{name} operation": scheme},
        "PlantEquipmentOperation:CoolingLoad": {
            f"{name} cooling": {**cooling, "range_1_equipment_list_name": f"{name} equipment"}
        },
        "PlantEquipmentList": {f"{name} equipment": {"equipment": [item]}},
    }


def _pump(name: str, flow_m3_s: float, head_pa: float, power_w: float) -> Model:
    """Power linear in flow; the shaft power (motor efficiency x power) warms the water."""
    linear = {f"coefficient_{i}_of_the_part_load_performance_curve": float(i == 2) for i in (1, 2, 3, 4)}
    pump = {
        "inlet_node_name": f"{name} supply in",
        "outlet_node_name": f"{name} pump out",
        "design_maximum_flow_rate": flow_m3_s,
        "design_pump_head": head_pa,
        "design_power_consumption": power_w,
        "motor_efficiency": MOTOR_EFFICIENCY,
        "fraction_of_motor_inefficiencies_to_fluid_stream": 0.0,
        "design_minimum_flow_rate": 0.0,
        "pump_control_type": "Intermittent",
        **linear,
    }
    return {PUMP_OBJECT: {f"{name} pump": pump}}


def _half_loop(name: str, half: str, first: tuple[str, ...], equipment: tuple[str, ...]) -> Model:
    """Inlet branch, equipment branch, bypass and outlet pipe between a splitter and a mixer."""
    label = f"{name} {half}"
    bypass = ("Pipe:Adiabatic", f"{label} bypass pipe", f"{label} bypass in", f"{label} bypass out")
    last = ("Pipe:Adiabatic", f"{label} last pipe", f"{label} mixed", f"{label} out")
    parts = {"first": first, "equipment": equipment, "bypass": bypass, "last": last}
    keys = ("component_object_type", "component_name", "component_inlet_node_name", "component_outlet_node_name")
    middle = (f"{label} equipment", f"{label} bypass")
    joints = {"connector_1_object_type": "Connector:Splitter", "connector_1_name": label}
    joints |= {"connector_2_object_type": "Connector:Mixer", "connector_2_name": label}
    return {
        "Pipe:Adiabatic": {
            pipe: {"inlet_node_name": start, "outlet_node_name": end}
            for kind, pipe, start, end in parts.values()
            if kind == "Pipe:Adiabatic"
        },
        "Branch": {
            f"{label} {part}": {"components": [dict(zip(keys, component, strict=True))]}
            for part, component in parts.items()
        },
        "BranchList": {label: {"branches": [{"branch_name": f"{label} {part}"} for part in parts]}},
        "Connector:Splitter": {
            label: {
                "inlet_branch_name": f"{label} first",
                "branches": [{"outlet_branch_name": branch} for branch in middle],
            }
        },
        "Connector:Mixer": {
            label: {
                "outlet_branch_name": f"{label} last",
                "branches": [{"inlet_branch_name": branch} for branch in middle],
            }
        },
        "ConnectorList": {label: joints},
    }
