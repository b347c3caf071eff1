import Foundation
import ModelHub
import Text

/// The published models, and which of them have been fetched: the output of `model list`.
package enum ModelCatalogue {
    private static func directory(of model: PublishedModel, in stores: [ModelStore]) -> String? {
        guard let name = ModelName(model.repository) else { return nil }
        return stores.lazy.compactMap { $0.directory(of: name) }.first
    }

    private static var stores: [ModelStore] { ModelStore.all(environment: ProcessInfo.processInfo.environment) }

    /// For people: a table.
    package static var text: String {
        let stores = stores
        let heads = ["", "Name", "Model", "Frames", "Trained on", "Licence", "The paper's top-1 (top-5), %"]
        let rows = PublishedModel.all.map { model in
            [
                directory(of: model, in: stores) == nil ? " " : "*", model.repository, "\(model.size)",
                "\(model.frames) of \(model.pixels) px", model.trainedOn, model.licence,
                model.figures.map { figure($0, of: model) }.joined(separator: ", "),
            ]
        }
        return
            (TextTable.lines([heads] + rows) + [
                "",
                "* has been fetched. The figures are the paper's, for the whole data set; they were not measured here.",
            ])
            .joined(separator: "\n")
    }

    /// One JSON object a model.
    package static var json: [String] {
        let stores = stores
        return PublishedModel.all.map { model in
            var line = JSONLine(type: "published_model")
            line.add("name", model.repository)
            line.add("size", model.size)
            line.add("frames", model.frames)
            line.add("image_size", model.pixels)
            line.add("trained_on", model.trainedOn)
            line.add("licence", model.licence)
            line.add(
                "paper",
                model.figures.map { figure in
                    var entry = JSONLine()
                    entry.add("data_set", figure.dataSet)
                    entry.add("top1", figure.top1)
                    entry.add("top5", figure.top5)
                    return entry
                }
            )
            line.add("directory", directory(of: model, in: stores))
            return line.text
        }
    }

    /// Names the data set if it is not the one that the model was trained on.
    private static func figure(_ figure: PublishedModel.Figure, of model: PublishedModel) -> String {
        let place = model.trainedOn.hasPrefix(figure.dataSet) ? "" : "\(figure.dataSet) "
        return place + String(format: "%.1f", figure.top1) + (figure.top5.map { String(format: " (%.1f)", $0) } ?? "")
    }
}
