//! The cells of `make sim-decide`: what the rule promises, on which stores.

use stoa_core::experiment::{Guarantee, Looks, Plan};

use super::{
    Arm, Bar, Cell, Mood, Orders,
    Revenue::{self, Conversion, PerVisitor},
    Rule, Store,
};

/// Runs where nothing may ship.
const NULL_RUNS: u64 = 20_000;
/// Runs of the others.
const RUNS: u64 = 4_000;
/// Days of looking without a horizon.
const ANY_DAYS: u32 = 180;
/// The promise of every plan.
const ALPHA: f64 = 0.05;
/// The promise where nothing differs on average but the spread does.
const UNEQUAL: f64 = 0.06;
/// Answers from 1 to 5 of a content store: mean 3.97, standard deviation 1.14.
const CONTENT: [f64; 5] = [0.06, 0.06, 0.13, 0.35, 0.40];
/// One in forty of those buyers turns from 5 to 1: the mean falls by 0.10, the default margin.
const AT_THE_MARGIN: [f64; 5] = [0.085, 0.06, 0.13, 0.35, 0.375];
/// Name, words, conversion, visitors a day in each of two equal arms.
type Size = (&'static str, &'static str, f64, u64);

const SIZES: [Size; 3] = [
    ("50", "1% of 100 visitors a day", 0.01, 50),
    ("500", "1% of 1,000 visitors a day", 0.01, 500),
    ("2000", "3% of 4,000 visitors a day", 0.03, 2_000),
];

/// A change of a store: name, words, the change.
type Twist = (&'static str, &'static str, fn(Store) -> Store);

/// Between the arms of these nothing differs.
const ALIKE: [Twist; 6] = [
    ("plain", "", |store| store),
    ("whales", ", whales", whales),
    ("tenth", ", control 10%", |s| control_share(s, 0.10)),
    ("twentieth", ", control 5%", |s| control_share(s, 0.05)),
    ("tenth-whales", ", control 10%, whales", |s| {
        control_share(whales(s), 0.10)
    }),
    ("twentieth-whales", ", control 5%, whales", |s| {
        control_share(whales(s), 0.05)
    }),
];

/// The arms of these earn the same in another way.
const UNLIKE: [Twist; 5] = [
    ("wider", ", B's orders spread wider", wider),
    ("narrower", ", B's orders spread less", narrower),
    (
        "wider-tenth",
        ", control 10%, B's orders spread wider",
        |s| control_share(wider(s), 0.10),
    ),
    (
        "narrower-tenth",
        ", control 10%, B's orders spread less",
        |s| control_share(narrower(s), 0.10),
    ),
    ("swap", ", B sells a fifth more orders, cheaper ones", swap),
];

/// All cells, in the order of the table.
#[must_use]
pub fn cells() -> Vec<Cell> {
    let groups = [
        conversion(),
        revenue("horizon", &SIZES, &ALIKE),
        unequal(),
        with_effect(),
        satisfaction(),
        several(),
        anytime(),
        vec![naive()],
    ];
    groups.into_iter().flatten().collect()
}

/// The store of METHODS: 3% conversion, 2,000 visitors a day in each arm.
fn usual(revenue: Revenue) -> Store {
    Store::same(revenue, 0.03, 2_000)
}

fn with(mut store: Store, change: impl Fn(&mut Arm)) -> Store {
    store.arms.iter_mut().skip(1).for_each(change);
    store
}

/// Every arm sells to a few far larger customers too.
fn whales(mut store: Store) -> Store {
    for arm in &mut store.arms {
        arm.orders = Orders {
            whales: 0.01,
            times: 30.0,
            ..arm.orders
        };
    }
    store
}

/// The control gets this share of the visitors, the treatment the rest.
fn control_share(mut store: Store, share: f64) -> Store {
    for (arm, share) in store.arms.iter_mut().zip([share, 1.0 - share]) {
        arm.share = share;
    }
    store
}

/// The arms' order values spread differently around the same mean.
fn spreads(mut store: Store, sigmas: [f64; 2]) -> Store {
    for (arm, sigma) in store.arms.iter_mut().zip(sigmas) {
        arm.orders = Orders::usual(sigma);
    }
    store
}

fn wider(store: Store) -> Store {
    spreads(store, [0.5, 1.5])
}

fn narrower(store: Store) -> Store {
    spreads(store, [1.5, 0.5])
}

fn swap(store: Store) -> Store {
    with(store, |arm| {
        arm.conversion *= 1.2;
        arm.orders.mean /= 1.2;
    })
}

fn cell(name: &str, said: &str, store: Store, bars: &[Bar]) -> Cell {
    Cell {
        name: name.to_owned(),
        said: said.to_owned(),
        store,
        plan: Plan::default(),
        days: 28,
        rule: Rule::Verdict,
        runs: RUNS,
        bars: bars.to_vec(),
    }
}

fn null(name: &str, said: &str, store: Store, bars: &[Bar]) -> Cell {
    Cell {
        runs: NULL_RUNS,
        ..cell(name, said, store, bars)
    }
}

fn weekly(mut cell: Cell) -> Cell {
    cell.plan.looks = Looks::Weekly;
    cell
}

fn conversion() -> Vec<Cell> {
    let bars = [Bar::FalseShips(ALPHA), Bar::MeanDay(25.0)];
    let of = |name, said, bars| null(name, said, usual(Conversion), bars);
    vec![
        of("conversion-null", "conversion 3%, no effect", &bars),
        weekly(of(
            "conversion-null-weekly",
            "conversion 3%, no effect, weekly looks",
            &bars[..1],
        )),
    ]
}

/// Stores of these sizes, each twisted in all these ways.
fn revenue(group: &str, sizes: &[Size], twists: &[Twist]) -> Vec<Cell> {
    let of = |(size, store, conversion, per_arm): &Size| {
        let twisted = |(twist, said, change): &Twist| {
            let name = format!("{group}-{size}-{twist}");
            let said = format!("revenue, {store}{said}");
            let store = change(Store::same(PerVisitor, *conversion, *per_arm));
            null(&name, &said, store, &[Bar::FalseShips(ALPHA)])
        };
        twists.iter().map(twisted).collect::<Vec<Cell>>()
    };
    sizes.iter().flat_map(of).collect()
}

fn unequal() -> Vec<Cell> {
    let mut cells = revenue("unequal", &SIZES[1..2], &UNLIKE);
    for cell in &mut cells {
        cell.bars = vec![Bar::NeverAbove(UNEQUAL)];
    }
    cells
}

fn with_effect() -> Vec<Cell> {
    let up = |arm: &mut Arm| arm.conversion *= 1.10;
    let down = |arm: &mut Arm| arm.conversion *= 0.95;
    let daily = [Bar::Ships(0.85), Bar::MeanDay(19.5)];
    let weeks = [Bar::Ships(0.86), Bar::MeanDay(21.5)];
    let harm = [Bar::ShipsAtMost(0.003)];
    let better = || with(usual(Conversion), up);
    let mut cells = vec![
        cell("conversion-up", "conversion +10%", better(), &daily),
        weekly(cell(
            "conversion-up-weekly",
            "conversion +10%, weekly looks",
            better(),
            &weeks,
        )),
    ];
    for metric in [Conversion, PerVisitor] {
        let (name, said) = (metric.key(), metric.key().replace('_', " "));
        let store = with(usual(metric), down);
        cells.push(cell(
            &format!("{name}-down"),
            &format!("{said} −5%"),
            store,
            &harm,
        ));
    }
    for sigma in [0.5, 1.0, 1.5] {
        let (name, said) = (
            format!("revenue-up-{sigma}"),
            format!("revenue +10%, σ {sigma}"),
        );
        let store = with(spreads(usual(PerVisitor), [sigma; 2]), up);
        cells.push(cell(&name, &said, store, &[]));
    }
    cells
}

/// Buyers answer: this share of them, the treatment's as in `shares`.
fn answering(mut store: Store, response: f64, shares: [f64; 5]) -> Store {
    for (arm, shares) in store.arms.iter_mut().zip([CONTENT, shares]) {
        arm.mood = Mood::Answers { response, shares };
    }
    store
}

fn satisfaction() -> Vec<Cell> {
    let more = |lift: f64| with(usual(Conversion), |arm| arm.conversion *= 1.0 + lift);
    let held = [Bar::FalseShips(ALPHA)];
    let never = [Bar::ShipsAtMost(0.0)];
    let full = |store, shares| answering(store, 1.0, shares);
    let (name, said) = ("margin", "conversion +30%, CSAT at the margin");
    let store = full(more(0.30), AT_THE_MARGIN);
    let mut cells = vec![null(name, said, store, &held)];
    let (name, said) = ("full-response", "conversion +10%, CSAT unchanged");
    let store = full(more(0.10), CONTENT);
    cells.push(cell(name, said, store, &[Bar::Ships(0.60)]));
    for cell in &mut cells {
        cell.said.push_str(", every buyer answers");
    }
    for (name, words, response) in [
        ("few-answers", "1% of buyers answer", 0.01),
        ("some-answers", "2% of buyers answer", 0.02),
        ("no-answers", "nobody answers", 0.0),
    ] {
        let said = format!("conversion +30%, CSAT unchanged, {words}");
        let store = answering(more(0.30), response, CONTENT);
        cells.push(cell(name, &said, store, &never));
    }
    cells
}

/// Control and three treatments, all alike.
fn several() -> Vec<Cell> {
    let four = |metric: Revenue| {
        let mut store = usual(metric);
        store.per_day *= 2;
        store.arms = store.arms.repeat(2);
        for arm in &mut store.arms {
            arm.share = 0.25;
        }
        let name = format!("four-{}", metric.key());
        let said = format!("four variants, {}", metric.key().replace('_', " "));
        null(&name, &said, store, &[Bar::NeverAbove(ALPHA)])
    };
    vec![four(Conversion), four(PerVisitor)]
}

fn anytime() -> Vec<Cell> {
    let all = [Bar::NeverAbove(ALPHA)];
    let up = with(usual(Conversion), |arm| arm.conversion *= 1.10);
    let mut cells = vec![
        null(
            "any-conversion",
            "conversion 3%, no effect",
            usual(Conversion),
            &all,
        ),
        cell("any-conversion-up", "conversion +10%", up, &[]),
    ];
    let mut stores = revenue("any", &SIZES, &ALIKE[..4]);
    stores.extend(revenue("any", &SIZES[1..2], &UNLIKE[..1]));
    for cell in &mut stores {
        cell.bars = all.to_vec();
    }
    cells.extend(stores);
    for cell in &mut cells {
        cell.plan.guarantee = Guarantee::Anytime;
        cell.days = ANY_DAYS;
    }
    cells
}

/// What METHODS measured at 23.3%: that the simulated store is that store.
fn naive() -> Cell {
    Cell {
        rule: Rule::Naive,
        ..cell(
            "naive",
            "conversion 3%, no effect, P(better) ≥ 0.95 on any day",
            usual(Conversion),
            &[],
        )
    }
}
