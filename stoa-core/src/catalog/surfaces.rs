//! The eighteen surfaces of a store, in the order a visitor meets them.

use serde::Serialize;

/// A stage of the visit; each holds two to four surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// First contact.
    Arrive,
    /// Finding something to look at.
    Discover,
    /// Weighing one product.
    Evaluate,
    /// The basket.
    Cart,
    /// Paying.
    Checkout,
    /// Just after paying.
    PostPurchase,
    /// Coming back.
    Retain,
}

impl Stage {
    /// All stages, in the order of a visit.
    pub const ALL: [Self; 7] = [
        Self::Arrive,
        Self::Discover,
        Self::Evaluate,
        Self::Cart,
        Self::Checkout,
        Self::PostPurchase,
        Self::Retain,
    ];

    /// What a person reads.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Arrive => "Arrive",
            Self::Discover => "Discover",
            Self::Evaluate => "Evaluate",
            Self::Cart => "Cart",
            Self::Checkout => "Checkout",
            Self::PostPurchase => "After purchase",
            Self::Retain => "Retain",
        }
    }
}

/// What a store gets better at by experimenting on a surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityLayer {
    /// Knowing what visitors look for.
    Understand,
    /// Bringing visitors in and turning them into buyers.
    AcquireConvert,
    /// Bringing buyers back.
    RetainGrow,
    /// Hearing how it went.
    MeasureLearn,
}

impl CapabilityLayer {
    /// All capability layers.
    pub const ALL: [Self; 4] = [
        Self::Understand,
        Self::AcquireConvert,
        Self::RetainGrow,
        Self::MeasureLearn,
    ];

    /// What a person reads.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Understand => "Understand",
            Self::AcquireConvert => "Acquire and convert",
            Self::RetainGrow => "Retain and grow",
            Self::MeasureLearn => "Measure and learn",
        }
    }
}

/// A place in the store that an experiment may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Surface {
    /// Stable name used by experiments.
    pub key: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// Where in the visit it is met.
    pub stage: Stage,
    /// Which capability it builds.
    pub layer: CapabilityLayer,
    /// Keys of the catalog metrics it usually moves, the likeliest first.
    pub metrics: &'static [&'static str],
    /// The mistake most often made when experimenting here.
    pub pitfall: &'static str,
}

/// All surfaces, in the order of a visit.
///
/// # Example
/// ```
/// let cart: Vec<_> = stoa_core::catalog::surfaces()
///     .iter()
///     .filter(|s| s.stage == stoa_core::catalog::Stage::Cart)
///     .map(|s| s.key)
///     .collect();
/// assert_eq!(cart, ["cart_page", "shipping_offer", "cross_sell"]);
/// ```
#[must_use]
pub fn surfaces() -> &'static [Surface] {
    &SURFACES
}

/// The surface of that key, if the catalog has it.
#[must_use]
pub fn surface(key: &str) -> Option<&'static Surface> {
    SURFACES.iter().find(|s| s.key == key)
}

const SURFACES: [Surface; 18] = [
    Surface {
        key: "landing_hero",
        label: "Landing hero",
        stage: Stage::Arrive,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &["bounce_rate", "session_depth", "conversion_rate"],
        pitfall: "A louder promise lifts clicks from visitors who never buy: judge revenue per visitor, not the click.",
    },
    Surface {
        key: "promo_banner",
        label: "Promotion banner",
        stage: Stage::Arrive,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &[
            "conversion_rate",
            "average_order_value",
            "revenue_per_visitor",
        ],
        pitfall: "A discount pulls purchases forward: run whole weeks and watch the weeks after.",
    },
    Surface {
        key: "navigation",
        label: "Navigation",
        stage: Stage::Arrive,
        layer: CapabilityLayer::Understand,
        metrics: &["session_depth", "bounce_rate", "conversion_rate"],
        pitfall: "Returning visitors know the old menu, so the first week shows the habit and not the menu.",
    },
    Surface {
        key: "search_results",
        label: "Search results",
        stage: Stage::Discover,
        layer: CapabilityLayer::Understand,
        metrics: &["conversion_rate", "add_to_cart_rate", "session_depth"],
        pitfall: "Only searchers see it: analyse those exposed, or the effect drowns in everyone else.",
    },
    Surface {
        key: "category_listing",
        label: "Category listing",
        stage: Stage::Discover,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &["add_to_cart_rate", "session_depth", "average_order_value"],
        pitfall: "Showing dearer products first lifts order value while conversion falls: read both parts.",
    },
    Surface {
        key: "recommendations",
        label: "Recommendations",
        stage: Stage::Discover,
        layer: CapabilityLayer::Understand,
        metrics: &[
            "average_order_value",
            "session_depth",
            "revenue_per_visitor",
        ],
        pitfall: "Clicks on recommendations replace other clicks: attributed revenue is not added revenue.",
    },
    Surface {
        key: "product_page",
        label: "Product page",
        stage: Stage::Evaluate,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &["add_to_cart_rate", "conversion_rate", "product_return_rate"],
        pitfall: "Copy that oversells raises sales today and returns next month.",
    },
    Surface {
        key: "product_media",
        label: "Product pictures and video",
        stage: Stage::Evaluate,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &["add_to_cart_rate", "product_return_rate", "bounce_rate"],
        pitfall: "Heavier media slows the page: the slow-down can hide what the pictures gained.",
    },
    Surface {
        key: "social_proof",
        label: "Reviews and social proof",
        stage: Stage::Evaluate,
        layer: CapabilityLayer::MeasureLearn,
        metrics: &["conversion_rate", "csat", "product_return_rate"],
        pitfall: "Urgency that is not true (\"3 people are looking\") sells once and costs trust.",
    },
    Surface {
        key: "price_display",
        label: "Price display",
        stage: Stage::Evaluate,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &["conversion_rate", "average_order_value", "csat"],
        pitfall: "Visitors compare prices across devices: keep one visitor on one price, or they feel cheated.",
    },
    Surface {
        key: "cart_page",
        label: "Cart page",
        stage: Stage::Cart,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &[
            "conversion_rate",
            "average_order_value",
            "revenue_per_visitor",
        ],
        pitfall: "Few visitors reach it: plan with the cart's traffic, not the store's.",
    },
    Surface {
        key: "shipping_offer",
        label: "Shipping offer",
        stage: Stage::Cart,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &[
            "conversion_rate",
            "average_order_value",
            "revenue_per_visitor",
        ],
        pitfall: "A free-shipping threshold lifts revenue and eats margin: put the cost into the decision.",
    },
    Surface {
        key: "cross_sell",
        label: "Cross-sell",
        stage: Stage::Cart,
        layer: CapabilityLayer::RetainGrow,
        metrics: &[
            "average_order_value",
            "conversion_rate",
            "product_return_rate",
        ],
        pitfall: "A bigger basket is more often sent back: watch returns as long as the return window.",
    },
    Surface {
        key: "checkout_flow",
        label: "Checkout flow",
        stage: Stage::Checkout,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &["conversion_rate", "revenue_per_visitor", "csat"],
        pitfall: "Broken payment on one device looks like a losing variant: check the sample ratio per device.",
    },
    Surface {
        key: "payment_options",
        label: "Payment options",
        stage: Stage::Checkout,
        layer: CapabilityLayer::AcquireConvert,
        metrics: &[
            "conversion_rate",
            "average_order_value",
            "product_return_rate",
        ],
        pitfall: "Paying later raises order value and returns: count net revenue.",
    },
    Surface {
        key: "order_confirmation",
        label: "Order confirmation",
        stage: Stage::PostPurchase,
        layer: CapabilityLayer::MeasureLearn,
        metrics: &["csat", "nps", "repeat_purchase_rate"],
        pitfall: "Asking right after paying measures relief: ask again after delivery.",
    },
    Surface {
        key: "lifecycle_email",
        label: "Lifecycle e-mail",
        stage: Stage::Retain,
        layer: CapabilityLayer::RetainGrow,
        metrics: &[
            "return_visit_rate",
            "repeat_purchase_rate",
            "revenue_per_visitor",
        ],
        pitfall: "Opens and clicks are not sales: keep a group that gets no e-mail, and count everyone sent.",
    },
    Surface {
        key: "loyalty_program",
        label: "Loyalty programme",
        stage: Stage::Retain,
        layer: CapabilityLayer::RetainGrow,
        metrics: &["repeat_purchase_rate", "return_visit_rate", "nps"],
        pitfall: "Members would have come back anyway: randomise the offer, never compare members with others.",
    },
];
