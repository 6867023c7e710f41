//! Sums that keep the digits which plain addition loses.

/// Neumaier's compensated sum: the error does not grow with the number of terms, nor with their order.
///
/// # Source
/// Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, algorithm IV.
///
/// # Example
/// ```
/// use stoa_core::num::sums::sum;
/// assert!((sum([1e16, 1.0, -1e16]) - 1.0).abs() < 1e-15);
/// ```
pub fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for x in terms {
        let next = total + x;
        lost += if total.abs() >= x.abs() {
            (total - next) + x
        } else {
            (x - next) + total
        };
        total = next;
    }
    total + lost
}
