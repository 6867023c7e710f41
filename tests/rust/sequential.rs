//! Deciding while looking: boundaries, statistics and evidence against published numbers, the truth table and what must
//! hold for any data.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that fails must say where; the worst errors are shown with --nocapture"
)]

mod always_valid;

use proptest::prelude::*;
use serde_json::Value;
use stoa_core::{
    num::saddlepoint::Amount,
    sequential::{
        ArmRate, ArmSums, AsymptoticCs, Sides, Spending, boundaries, conversion_ln_e, conversion_z,
        crossing, rate_z, revenue_ln_e, revenue_z, revenue_z_from_sums, spend, welch_z,
    },
};
use stoa_tests::vectors;

/// Closed forms and one-dimensional integrals: relative to max(|x|, 1).
const TOLERANCE: f64 = 1e-9;
/// Boundaries and probabilities of crossing.
const BOUNDARY: f64 = 1e-10;
/// Published numbers have four decimals.
const PUBLISHED: f64 = 6e-5;
const FAR: f64 = 40.0;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn cases<'a>(table: &'a Value, key: &str) -> &'a [Value] {
    table[key].as_array().unwrap()
}

/// The largest error seen, relative to max(|x|, 1).
#[derive(Default)]
struct Worst(f64);

impl Worst {
    fn see(&mut self, got: f64, want: f64, tolerance: f64, what: &str) {
        let error = (got - want).abs() / want.abs().max(1.0);
        assert!(error <= tolerance, "{what}: got {got:e}, want {want:e}");
        self.0 = self.0.max(error);
    }

    fn all(&mut self, got: &[f64], want: &[f64], tolerance: f64, what: &str) {
        assert_eq!(got.len(), want.len(), "{what}");
        for (got, want) in got.iter().zip(want) {
            self.see(*got, *want, tolerance, what);
        }
    }

    fn finish(&self, what: &str) {
        println!("{what}: largest error {:e}", self.0);
    }
}

fn spending(case: &Value) -> Spending {
    serde_json::from_value(case["spending"].clone()).unwrap()
}

fn spent(case: &Value) -> Vec<f64> {
    let fractions = numbers(&case["fractions"]);
    spend(spending(case), number(&case["alpha"]), &fractions, true).unwrap()
}

fn text(case: &Value) -> &str {
    case["name"].as_str().unwrap()
}

#[test]
fn boundaries_agree_with_independent_numbers() {
    let table = vectors("sequential.json").unwrap();
    let mut worst = Worst::default();
    for case in cases(&table, "looks") {
        let (name, information) = (text(case), numbers(&case["information"]));
        let spent = spent(case);
        worst.all(&spent, &numbers(&case["spent"]), BOUNDARY, name);
        let z = boundaries(&information, &spent).unwrap();
        worst.all(&z, &numbers(&case["z"]), BOUNDARY, name);
        let first = crossing(&information, &z, number(&case["drift"])).unwrap();
        worst.all(&first, &numbers(&case["first_crossing"]), BOUNDARY, name);
    }
    worst.finish("boundaries");
    for case in cases(&table, "published") {
        let z = boundaries(&numbers(&case["fractions"]), &spent(case)).unwrap();
        Worst::default().all(&z, &numbers(&case["z"]), PUBLISHED, text(case));
    }
}

#[test]
fn order_tails_agree_with_forty_digits() {
    let table = vectors("sequential.json").unwrap();
    let mut worst = Worst::default();
    for case in cases(&table, "order_tails") {
        let amount = |pair: &Value| Amount {
            value: number(&pair[0]),
            count: whole(&pair[1]),
        };
        let amounts: Vec<_> = cases(case, "amounts").iter().map(amount).collect();
        let z = revenue_z(
            &amounts,
            number(&case["treatment_sum"]),
            number(&case["share"]),
        );
        worst.see(z.unwrap(), number(&case["z"]), TOLERANCE, text(case));
    }
    worst.finish("order tails");
}

/// Every way in which `values` can fall to the treatment, with its probability.
fn splits(values: &[f64], share: f64) -> impl Iterator<Item = (Vec<f64>, Vec<f64>, f64)> {
    (0..1_u32 << values.len()).map(move |mask| {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for (k, x) in values.iter().enumerate() {
            if mask >> k & 1 == 1 { &mut b } else { &mut a }.push(*x);
        }
        let chance = share.powi(i32::try_from(b.len()).unwrap())
            * (1.0 - share).powi(i32::try_from(a.len()).unwrap());
        (a, b, chance)
    })
}

fn arm(values: &[f64]) -> ArmSums {
    ArmSums {
        n: values.len() as u64,
        sum: values.iter().sum(),
        sum_sq: values.iter().map(|x| x * x).sum(),
    }
}

/// E[E] over all splits of the same values.
fn expected_revenue_e(values: &[f64], share: f64, planned: f64) -> f64 {
    splits(values, share)
        .map(|(a, b, chance)| {
            chance
                * revenue_ln_e(&arm(&a), &arm(&b), share, planned)
                    .unwrap()
                    .exp()
        })
        .sum()
}

/// E[E] over the number of n conversions that fall to the treatment.
fn expected_conversion_e(n: u64, share: f64, sd: f64) -> f64 {
    splits(&vec![1.0; usize::try_from(n).unwrap()], share)
        .map(|(a, b, chance)| {
            let e = conversion_ln_e(a.len() as u64, b.len() as u64, share, sd);
            chance * e.unwrap().exp()
        })
        .sum()
}

#[test]
fn conversion_evidence_is_a_martingale() {
    for share in [0.1, 0.5, 0.95] {
        for sd in [0.01, 0.1, 2.0] {
            for n in 0..9 {
                let expected = expected_conversion_e(n, share, sd);
                assert!(
                    (expected - 1.0).abs() < 1e-12,
                    "{n} {share} {sd}: {expected}"
                );
            }
        }
    }
}

/// Exact P(T ≥ t) by enumeration, t that of a split.
fn exact_tail(values: &[f64], share: f64, b_sum: f64) -> f64 {
    splits(values, share)
        .filter(|(_, b, _)| b.iter().sum::<f64>() >= b_sum - 1e-9)
        .map(|(_, _, chance)| chance)
        .sum()
}

fn one_each(values: &[f64]) -> Vec<Amount> {
    values
        .iter()
        .map(|&value| Amount { value, count: 1 })
        .collect()
}

#[test]
fn an_order_tail_is_near_the_exact_one() {
    // Unequal values, so that no two splits tie and the distribution is nearly continuous.
    let values = [
        9.0, 13.1, 17.3, 22.7, 31.1, 41.9, 55.3, 60.7, 71.3, 80.9, 97.7, 120.1,
    ];
    for share in [0.3, 0.5, 0.8] {
        for (a, b, _) in splits(&values, share).step_by(37) {
            let b_sum: f64 = b.iter().sum();
            let exact = exact_tail(&values, share, b_sum);
            let z = revenue_z(&one_each(&values), b_sum, share).unwrap();
            let p = stoa_core::num::special::normal_upper(z);
            if !a.is_empty() && exact > 0.01 {
                assert!(
                    (p / exact - 1.0).abs() < 0.05,
                    "{share} {b:?}: {p} for {exact}"
                );
            }
        }
    }
}

#[test]
fn ends_of_the_support_are_exact() {
    let z = revenue_z(&one_each(&[5.0, 10.0, 20.0]), 35.0, 0.5).unwrap();
    // p = 1/8
    assert!((z - 1.150_349_380_376_008).abs() < 1e-12);
    let none = revenue_z(&one_each(&[5.0, 10.0, 20.0]), 0.0, 0.5).unwrap();
    assert!((none + z).abs() < 1e-12);
    // One order in the control of a 95% treatment is no evidence for the treatment.
    assert!(revenue_z(&one_each(&[5.0]), 0.0, 0.05).unwrap() <= 0.0);
    assert!(revenue_z(&[], 0.0, 0.5).unwrap().abs() < 1e-15);
    assert!(conversion_z(0, 0, 0.5).unwrap().abs() < 1e-15);
    // A tail below the smallest f64: 0.5^5000.
    assert!(conversion_z(5000, 5000, 0.5).unwrap() > 80.0);
    assert!(
        conversion_z(u64::MAX, u64::MAX, 1e-300)
            .unwrap()
            .is_finite()
    );
}

#[test]
fn no_spread_and_no_visitors_are_no_evidence() {
    let [none, one, zeros, tens] = [&[][..], &[10.0], &[0.0, 0.0], &[10.0, 10.0]].map(arm);
    for (a, b) in [(none, none), (none, one), (one, one), (zeros, zeros)] {
        assert!(welch_z(&a, &b, 0.0).unwrap().abs() < 1e-15);
        assert!(revenue_z_from_sums(&a, &b, 0.5).unwrap().is_finite());
    }
    // T/√(π(1−π)Σx²) = 10/√50
    let z = revenue_z_from_sums(&zeros, &tens, 0.5).unwrap();
    assert!((z - 10.0 / 50_f64.sqrt()).abs() < 1e-12);
    let rate = |n, successes| ArmRate { n, successes };
    for (a, b) in [
        (rate(0, 0), rate(0, 0)),
        (rate(9, 0), rate(9, 0)),
        (rate(9, 9), rate(5, 5)),
    ] {
        assert!(rate_z(&a, &b, 0.5).unwrap().abs() < 1e-15);
    }
}

#[test]
fn refusals_name_the_field() {
    let code = |error: stoa_core::error::Error| error.to_string();
    let arm = arm(&[1.0, 2.0]);
    let share = revenue_z_from_sums(&arm, &arm, 1.0).unwrap_err();
    assert_eq!(code(share), "share must be above 0 and below 1, got 1");
    let falls = boundaries(&[0.5, 0.4], &[0.01, 0.02]).unwrap_err();
    assert_eq!(code(falls), "information[1] must not fall, got 0.4");
    let spent = boundaries(&[0.5, 1.0], &[0.02, 0.01]).unwrap_err();
    assert_eq!(code(spent), "spent[1] must not fall, got 0.01");
    assert_eq!(boundaries(&[1.0], &[]).unwrap_err().code(), "conflict");
    assert_eq!(
        crossing(&[1.0], &[f64::NAN], 0.0).unwrap_err().code(),
        "not_finite"
    );
    assert_eq!(conversion_z(1, 2, 0.5).unwrap_err().code(), "out_of_range");
    let negative = revenue_z(&one_each(&[-1.0]), 0.0, 0.5).unwrap_err();
    assert_eq!(code(negative), "amounts[0].value must be > 0, got -1");
    assert_eq!(
        AsymptoticCs::new(0.5, Sides::One, 9.0).unwrap_err().code(),
        "out_of_range"
    );
}

#[test]
fn a_look_too_many_changes_nothing_it_does_not_spend() {
    let plan = boundaries(&[0.25, 0.5, 1.0], &[0.001, 0.01, 0.05]).unwrap();
    let extra = boundaries(&[0.25, 0.5, 0.7, 1.0], &[0.001, 0.01, 0.01, 0.05]).unwrap();
    assert!(extra[2] > FAR, "{extra:?}");
    for (k, z) in [(0, plan[0]), (1, plan[1]), (3, plan[2])] {
        assert!((extra[k] - z).abs() < BOUNDARY, "{extra:?} for {plan:?}");
    }
    // Half of what a twin look spends is spent there: together they spend what one would.
    let twin = boundaries(&[0.25, 0.5, 0.5, 1.0], &[0.001, 0.005, 0.01, 0.05]).unwrap();
    assert!(
        (twin[2] - plan[1]).abs() < 1e-4 && (twin[3] - plan[2]).abs() < 1e-4,
        "{twin:?}"
    );
}

#[test]
fn looks_at_the_same_moment_are_one_look_at_their_lower_boundary() {
    let total = |t: &[f64], z: &[f64]| crossing(t, z, 1.0).unwrap().iter().sum::<f64>();
    for second in [1.9, 2.1, f64::INFINITY] {
        let twins = total(&[0.5, 0.5, 0.5, 1.0], &[2.0, second, 2.5, 1.8]);
        let one = total(&[0.5, 1.0], &[second.min(2.0), 1.8]);
        // Twins are kept apart by 1e-10 of the information.
        assert!((twins - one).abs() < 1e-9, "{second}: {twins} for {one}");
    }
}

#[test]
fn a_boundary_falls_where_a_look_all_but_coincides_and_may_spend_as_much_again() {
    let information = [0.094_371_207_834_672_76, 0.094_371_703_063_669_14];
    let spent = [0.003_242_250_715_742_094, 0.006_247_853_933_166_264];
    let z = boundaries(&information, &spent).unwrap();
    let crossed: f64 = crossing(&information, &z, 0.0).unwrap().iter().sum();
    assert!((crossed - spent[1]).abs() < BOUNDARY, "{z:?}: {crossed}");
}

#[test]
fn half_a_year_of_daily_looks() {
    let days: Vec<f64> = (1..=180).map(|day| f64::from(day) / 180.0).collect();
    let spent = spend(Spending::ObrienFleming, 0.05, &days, true).unwrap();
    let z = boundaries(&days, &spent).unwrap();
    assert!(z.windows(2).all(|pair| pair[1] < pair[0]));
    let crossed: f64 = crossing(&days, &z, 0.0).unwrap().iter().sum();
    assert!((crossed - 0.05).abs() < BOUNDARY, "{crossed}");
}

prop_compose! {
    /// Information and cumulative spending of up to eight looks, some nearly at once.
    fn looks()(
        steps in prop::collection::vec((prop_oneof![1e-9..1e-6, 0.01..1.0], 1e-6..1.0), 1..8),
        alpha in 0.001..0.4,
    ) -> (Vec<f64>, Vec<f64>) {
        let total: f64 = steps.iter().map(|step| step.1).sum();
        let cumulate = |values: Vec<f64>| values.iter().scan(0.0, |sum, x| {
            *sum += x;
            Some(*sum)
        }).collect::<Vec<f64>>();
        (
            cumulate(steps.iter().map(|step| step.0).collect()),
            cumulate(steps.iter().map(|step| alpha * step.1 / total).collect()),
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn boundaries_spend_exactly_what_they_may((information, spent) in looks()) {
        let z = boundaries(&information, &spent).unwrap();
        let mut crossed = 0.0;
        for (p, spent) in crossing(&information, &z, 0.0).unwrap().iter().zip(&spent) {
            crossed += p;
            prop_assert!((crossed - spent).abs() < BOUNDARY, "{crossed} for {spent}");
        }
        // An effect only helps, and more spending only lowers the first boundary.
        let power = |drift| crossing(&information, &z, drift).unwrap().iter().sum::<f64>();
        prop_assert!(power(-1.0) < power(0.0) && power(0.0) < power(1.0));
        let less: Vec<f64> = spent.iter().map(|spent| 0.5 * spent).collect();
        prop_assert!(boundaries(&information, &less).unwrap()[0] > z[0]);
    }
}

proptest! {
    #[test]
    fn revenue_evidence_never_expects_more_than_1(
        values in prop::collection::vec(0.01..1000.0, 0..9),
        share in 0.05..0.95,
        planned in 1.0..1e7,
    ) {
        let expected = expected_revenue_e(&values, share, planned);
        prop_assert!(expected <= 1.0 + 1e-12, "{expected}");
    }

    #[test]
    fn smaller_orders_of_the_treatment_are_never_better(
        // As many as a verdict asks for; METHODS says where fewer can be.
        control in prop::collection::vec(10.0..500.0, 5..20),
        treatment in prop::collection::vec(10.0..500.0, 5..20),
        share in 0.1..0.9,
        scale in 0.1..1.0,
    ) {
        let z = |scale: f64| {
            let smaller: Vec<f64> = treatment.iter().map(|x| scale * x).collect();
            let all: Vec<f64> = control.iter().chain(&smaller).copied().collect();
            revenue_z(&one_each(&all), smaller.iter().sum(), share).unwrap()
        };
        prop_assert!(z(scale) <= z(1.0) + 1e-9, "{} {}", z(scale), z(1.0));
    }

    #[test]
    fn equal_orders_are_conversions(m in 1_u64..5000, part in 0.0..1.0, share in 0.02..0.98) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below m")]
        let b = (part * m as f64) as u64;
        let z = conversion_z(m, b, share).unwrap();
        let orders = [Amount { value: 37.5, count: m }];
        let money = revenue_z(&orders, 37.5 * b as f64, share).unwrap();
        prop_assert!((z - money).abs() < 1e-7 * z.abs().max(1.0), "{z} {money}");
        prop_assert!(b == m || conversion_z(m, b + 1, share).unwrap() >= z);
    }
}
