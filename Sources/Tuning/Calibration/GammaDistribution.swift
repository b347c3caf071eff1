import Foundation

/// The gamma distribution with scale 1, whose quantiles bound the means of Poisson counts.
enum GammaDistribution {
    /// The value below which the share `share` lies.
    static func quantile(_ share: Double, shape: Double) -> Double {
        precondition(share > 0 && share < 1 && shape > 0, "a share and a shape")
        var (low, high) = (0.0, shape + 10)
        while below(high, shape: shape) < share { high *= 2 }
        for _ in 0..<200 where high - low > high * 1e-14 {
            let middle = (low + high) / 2
            if below(middle, shape: shape) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The share below `value`: the regularised incomplete gamma function P(a, x).
    ///
    /// Source: Numerical Recipes, 6.2: the series below a + 1, Lentz's continued fraction above.
    static func below(_ value: Double, shape a: Double) -> Double {
        guard value > 0 else { return 0 }
        let factor = exp(a * log(value) - value - lgamma(a))
        if value < a + 1 {
            var (term, sum, n) = (1 / a, 1 / a, a)
            while term > sum * 1e-16 {
                n += 1
                term *= value / n
                sum += term
            }
            return min(1, factor * sum)
        }
        var b = value + 1 - a
        var (c, d) = (1e300, 1 / b)
        var fraction = d
        for i in 1...100_000 {
            let an = -Double(i) * (Double(i) - a)
            b += 2
            d = 1 / nonzero(an * d + b)
            c = nonzero(b + an / c)
            fraction *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return max(0, 1 - factor * fraction)
    }

    private static func nonzero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
}
