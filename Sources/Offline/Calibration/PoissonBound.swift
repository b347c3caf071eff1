import Foundation

/// The bound that a count of rare, independent events puts on their rate.
enum PoissonBound {
    /// The highest mean that still gives `count` events or fewer with a chance of 1 − `confidence`. For none and 95 % it is
    /// 3.0: the rule of three.
    static func upper(_ count: Int, confidence: Double = 0.95) -> Double {
        precondition(count >= 0 && confidence > 0 && confidence < 1, "a count and a share")
        var (low, high) = (0.0, 10 + 3 * Double(count))
        while atMost(count, mean: high) > 1 - confidence { high *= 2 }
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if atMost(count, mean: middle) > 1 - confidence { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// P(X ≤ count).
    static func atMost(_ count: Int, mean: Double) -> Double {
        guard mean > 0 else { return 1 }
        // By logarithms: e^−mean alone is nothing for the means of busy footage.
        let total = (0...count).reduce(0.0) { sum, k in
            sum + exp(Double(k) * log(mean) - mean - lgamma(Double(k) + 1))
        }
        return min(1, total)
    }
}
