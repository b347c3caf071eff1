import Foundation

@testable import Kernels

// The naive kernels, which the tuned ones must equal. Double sums, no tricks.

/// `linear` by definition.
func linearReference(
    _ input: [[Float]],
    weights: [[Float]],
    bias: [Float]?,
    activation: Activation = .identity
) -> [[Float]] {
    input.map { row in
        weights.enumerated().map { index, column in
            let product = zip(row, column).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            return Float(activationReference(product + Double(bias?[index] ?? 0), activation))
        }
    }
}

func activationReference(_ x: Double, _ activation: Activation) -> Double {
    switch activation {
    case .identity: x
    case .quickGELU: x / (1 + exp(-1.702 * x))
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    }
}

/// `layerNorm` of one row by definition.
func layerNormReference(_ row: [Float], weight: [Float], bias: [Float], epsilon: Float) -> [Float] {
    let mean = row.reduce(0.0) { $0 + Double($1) } / Double(row.count)
    let variance = row.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(row.count)
    return row.indices.map { index in
        Float(
            (Double(row[index]) - mean) / (variance + Double(epsilon)).squareRoot() * Double(weight[index])
                + Double(bias[index])
        )
    }
}

/// `attention` of one head of one set by definition.
func attentionReference(
    q: [[Float]],
    k: [[Float]],
    v: [[Float]],
    keyBias: [Float]? = nil,
    causal: Bool = false
) -> [[Float]] {
    q.enumerated().map { index, query in
        let scores = k.enumerated().map { key, row -> Double in
            if causal && key > index { return -.infinity }
            let product = zip(query, row).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            return product / Double(query.count).squareRoot() + Double(keyBias?[key] ?? 0)
        }
        let top = scores.max() ?? 0
        let weights = scores.map { exp($0 - top) }
        let total = weights.reduce(0, +)
        return (0..<(v.first?.count ?? 0)).map { column in
            Float(zip(weights, v).reduce(0.0) { $0 + $1.0 * Double($1.1[column]) } / total)
        }
    }
}
