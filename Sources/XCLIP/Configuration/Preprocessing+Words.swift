import Foundation
import Frames

extension Preprocessing {
    /// All of it in words, for people: "short side to 224 (bilinear), centre 224×224, × 1/255, mean …, std …".
    package var words: String {
        let input = "\(transform.width)×\(transform.height)"
        let filter = "\(transform.filter)"
        let size =
            switch transform.resize {
            case .none: "not resized"
            case .shortestEdge(let side), .roundedShortestEdge(let side): "short side to \(side) (\(filter))"
            case .exact(let width, let height): "squeezed to \(width)×\(height) (\(filter))"
            }
        let isWhole = transform.resize == .exact(width: transform.width, height: transform.height)
        let scale = rescale == 1 ? "not rescaled" : String(format: "× 1/%g", 1 / rescale)
        let isNormalised = mean != [0, 0, 0] || std != [1, 1, 1]
        let numbers = { (values: [Double]) in values.map { String(format: "%g", $0) }.joined(separator: " ") }
        return [size, isWhole ? nil : "centre \(input)", scale]
            .compactMap { $0 }.joined(separator: ", ")
            + (isNormalised ? ", mean \(numbers(mean)), std \(numbers(std))" : ", not normalised")
    }
}
