import Checkpoints

/// An image processor of transformers that this program follows, and the defaults of its class.
///
/// Source: `image_processing_pil_….py` of transformers. All of them resize, crop, rescale and normalise, in this order.
struct ImageProcessor: Sendable {
    /// The class, without the `Fast` or `Pil` of its variants.
    let name: String
    let resample: Int
    /// The short side of a resized picture; nil for a picture of exactly `square`.
    let shortestEdge: Int?
    let square: Int
    /// Whether one number as `size` means a square, not the short side.
    let sizeIsSquare: Bool
    let crops: Bool
    let rescale: Double
    /// Whether 1 is subtracted after rescaling, unless `offset` is false.
    let offsets: Bool
    let mean: [Double]
    let std: [Double]

    private init(
        _ name: String,
        resample: Int,
        shortestEdge: Int? = nil,
        square: Int = 224,
        sizeIsSquare: Bool = false,
        crops: Bool = true,
        rescale: Double = 1.0 / 255,
        offsets: Bool = false,
        mean: [Double] = [0.5, 0.5, 0.5],
        std: [Double] = [0.5, 0.5, 0.5]
    ) {
        self.name = name
        self.resample = resample
        self.shortestEdge = shortestEdge
        self.square = square
        self.sizeIsSquare = sizeIsSquare
        self.crops = crops
        self.rescale = rescale
        self.offsets = offsets
        self.mean = mean
        self.std = std
    }

    static let all = [
        ImageProcessor("VideoMAEImageProcessor", resample: 2, shortestEdge: 224),
        clip,
        ImageProcessor("ViTImageProcessor", resample: 2, sizeIsSquare: true, crops: false),
        ImageProcessor("SiglipImageProcessor", resample: 3, crops: false),
        ImageProcessor("DeiTImageProcessor", resample: 3, square: 256, sizeIsSquare: true),
        ImageProcessor("VivitImageProcessor", resample: 2, shortestEdge: 256, rescale: 1 / 127.5, offsets: true),
    ]

    /// The one that transformers takes for an X-CLIP model whose file names none.
    static let clip = ImageProcessor(
        "CLIPImageProcessor",
        resample: 3,
        shortestEdge: 224,
        mean: [0.48145466, 0.4578275, 0.40821073],
        std: [0.26862954, 0.26130258, 0.27577711]
    )

    /// The processor that `file` names.
    ///
    /// - Throws: `CheckpointError` if it is none of `all`.
    static func named(in file: JSONFile) throws(CheckpointError) -> ImageProcessor {
        var key = "image_processor_type"
        var name = try file.text(key)
        if name == nil {
            key = "feature_extractor_type"
            name = try file.text(key)?.replacing("FeatureExtractor", with: "ImageProcessor")
        }
        guard let name else { return clip }
        let base = ["Fast", "Pil"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
        guard let processor = all.first(where: { $0.name == base }) else {
            let known = all.map(\.name).joined(separator: ", ")
            throw CheckpointError(
                .unsupported,
                at: file.path,
                "\(key) is \(name.debugDescription), which this program does not follow; "
                    + "save the model with the processor that it was trained with, one of \(known)"
            )
        }
        return processor
    }
}
