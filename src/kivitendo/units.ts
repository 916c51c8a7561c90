/**
 * `unit_factor (name, base, factor)`, for use after `with recursive`. The factor of a unit is the product along its chain
 * of base units; a unit without base, with factor 0 or with itself as base is a base (kivitendo `SL/DB/Unit.pm`,
 * base_factor). Two units can be converted when they share their base.
 */
export const unitFactors = `
  chain (name, at, factor, depth) as (
    select name, name, 1::numeric, 0
      from public.units
    union all
    select c.name, u.base_unit, c.factor * u.factor, c.depth + 1
      from chain c
      join public.units u on u.name = c.at
     where u.base_unit is not null and u.base_unit <> u.name and u.factor <> 0 and c.depth < 20
  ),
  unit_factor as (
    select distinct on (name) name, at as base, factor
      from chain
     order by name, depth desc
  )`;

/**
 * The factor of an hour with the base of the unit that `unit` names a row of `unit_factor` for, as a lateral table `hour`
 * without a row when the unit measures no time: kivitendo knows the hour by name (`SL/DB/Manager/Unit.pm`, find_h_unit).
 */
export function hourOf(unit: string): string {
  return `lateral (
      select h.factor
        from unit_factor h
       where h.base = ${unit}.base and h.name in ('Std', 'h', 'Stunde')
       order by array_position(array['Std', 'h', 'Stunde'], h.name::text)
       limit 1
    ) hour`;
}
