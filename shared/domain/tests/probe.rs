use rhai::{Engine, OptimizationLevel};
#[test]
fn probe() {
    let mut e = Engine::new_raw();
    e.set_optimization_level(OptimizationLevel::None);
    for s in [
        "weight - 2.5 * max(0, floor(unit.fact.average_forms - value))",
        "grade in [\"A1\", \"A2\"] && !x",
        "param.t[unit.grade]",
        "a ?? b ?? 0",
        "!(grade in [\"a\"])",
        "a.b.c.d",
        "param.w[category][\"k\"]",
        "-3 + -x",
        "x >= 90 || y == true && z",
        "run(grade == \"d\") == 3",
        "case.x",
        "unit.given ?? head.x",
        "period.first_day",
        "1_000.50",
        "x !in [1]",
        "table.a.b",
        "self.x + new.y",
        "0.10",
        "known(fact.a)",
    ] {
        match e.compile_expression(s) {
            Ok(ast) => println!("{s}\n   {:?}", ast.statements()),
            Err(err) => println!("{s}\n  ERR {err:?}"),
        }
    }
}
