extension PyTorchArchive {
    /// The keys under which training scripts keep the model's state dict.
    private static let wrappers = [
        "model", "state_dict", "model_state_dict", "module", "net", "network", "weights", "params", "state_dict_ema",
        "model_ema", "ema",
    ]

    /// The tensors of the model's state dict, which is the archive's object itself or one of its `wrappers`.
    func checkpoint() throws(CheckpointError) -> Checkpoint {
        let items = try stateDictionary()
        var tensors: [String: Tensor] = [:]
        var others: [String: String] = [:]
        for (name, value) in items {
            switch value {
            case .tensor(let index):
                let reference = heap.tensors[index]
                guard reference.type.weight != nil else {
                    others[name] = reference.type.name
                    continue
                }
                tensors[name] = try tensor(name, reference)
            case .opaque(let type): others[name] = "an object (\(type.debugDescription))"
            default: continue
            }
        }
        // Views of one storage are fine; a file whose tensors expand to many times its size is not a model.
        var left = 4 * file.byteCount
        for tensor in tensors.values {
            left -= tensor.byteCount
            guard left >= 0 else {
                throw CheckpointError(
                    .unsupported,
                    at: file.path,
                    "its tensors would take over four times the file's size; save them with .contiguous()"
                )
            }
        }
        return Checkpoint(path: file.path, tensors: Self.withoutModulePrefix(tensors), others: others)
    }

    /// nn.DataParallel puts `module.` before every name.
    private static func withoutModulePrefix(_ tensors: [String: Tensor]) -> [String: Tensor] {
        let prefix = "module."
        guard !tensors.isEmpty, tensors.keys.allSatisfy({ $0.hasPrefix(prefix) }) else { return tensors }
        var result: [String: Tensor] = [:]
        for (name, tensor) in tensors {
            let name = String(name.dropFirst(prefix.count))
            result[name] = tensor.named(name)
        }
        return result
    }

    private func stateDictionary() throws(CheckpointError) -> [String: PickleValue] {
        if case .opaque(let type) = root {
            throw CheckpointError(
                .unsupported,
                at: file.path,
                "holds an object of \(type.debugDescription), which is not loaded; "
                    + "save the model with torch.save(model.state_dict(), PATH)"
            )
        }
        guard case .dictionary(let index) = root else {
            throw CheckpointError(.unsupported, at: file.path, "holds no state dict but another kind of object")
        }
        let outer = named(index)
        for wrapper in Self.wrappers {
            guard case .dictionary(let inner)? = outer[wrapper] else { continue }
            let items = named(inner)
            if hasTensors(items) { return items }
            // A wrapper in a wrapper, as `model: {state_dict: …}`.
            for wrapper in Self.wrappers {
                guard case .dictionary(let innermost)? = items[wrapper] else { continue }
                let items = named(innermost)
                if hasTensors(items) { return items }
            }
        }
        guard hasTensors(outer) else {
            throw CheckpointError(
                .unsupported,
                at: file.path,
                "no tensors in it, nor under \(Self.wrappers.joined(separator: ", ")): no state dict of a model"
            )
        }
        return outer
    }

    private func hasTensors(_ items: [String: PickleValue]) -> Bool {
        items.values.contains { if case .tensor = $0 { true } else { false } }
    }

    /// A dictionary's items with texts as keys; of equal keys the last counts, as in Python.
    private func named(_ index: Int) -> [String: PickleValue] {
        var items: [String: PickleValue] = [:]
        for case (.text(let key), let value) in heap.dictionaries[index] { items[key] = value }
        return items
    }

    private func tensor(_ name: String, _ reference: TensorReference) throws(CheckpointError) -> Tensor {
        let storage = heap.storages[reference.storage]
        guard let type = reference.type.weight, let bytes = storage.byteCount,
            let tensor = Tensor(
                name: name,
                type: type,
                file: file,
                storage: storages[reference.storage].prefix(bytes),
                offset: reference.offset,
                shape: reference.shape,
                strides: reference.strides
            )
        else {
            throw CheckpointError(
                .malformed,
                at: "\(file.path): tensor \(name)",
                "shape \(reference.shape) does not fit its storage of \(storage.count) elements"
            )
        }
        return tensor
    }
}
