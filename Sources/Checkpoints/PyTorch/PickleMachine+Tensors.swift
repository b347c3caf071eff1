/// The few functions that PyTorch's archives call, implemented here.
extension PickleMachine {
    /// REDUCE: the call that Python would have made.
    mutating func call(_ function: PickleValue, _ arguments: PickleValue) throws(CheckpointError) -> PickleValue {
        let values = try tuple(arguments)
        switch function {
        case .global("torch._tensor._rebuild_from_type_v2"):
            // A tensor with attributes, or of a subclass: (function that rebuilds it, class, arguments, state).
            guard values.count == 4, case .global(let inner) = values[0] else { return .opaque("a tensor subclass") }
            return try rebuild(inner, try tuple(values[2]))
        case .global(let name): return try rebuild(name, values)
        case .opaque(let name): return .opaque(name)
        default: throw malformed("a call to something that is not a function")
        }
    }

    /// NEWOBJ: an object of a class.
    mutating func make(_ type: PickleValue, _ arguments: PickleValue) throws(CheckpointError) -> PickleValue {
        switch type {
        case .global("collections.OrderedDict"): return try orderedDictionary([])
        case .global(let name), .opaque(let name): return .opaque(name)
        default: throw malformed("an object of something that is not a class")
        }
    }

    private mutating func rebuild(_ name: String, _ values: [PickleValue]) throws(CheckpointError) -> PickleValue {
        switch name {
        case "collections.OrderedDict": return try orderedDictionary(values)
        case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3":
            return try tensor(values, hasType: name.hasSuffix("v3"))
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
            guard let tensor = values.first else { throw malformed("a parameter of nothing") }
            return tensor
        case "torch.Size":
            guard let size = values.first else { throw malformed("a size of nothing") }
            return size
        default: return .opaque(name)
        }
    }

    private mutating func orderedDictionary(_ values: [PickleValue]) throws(CheckpointError) -> PickleValue {
        var items: [(key: PickleValue, value: PickleValue)] = []
        // Python 2 wrote the items as a list of pairs.
        if case .list(let index)? = values.first {
            try spend(heap.lists[index].count)
            for item in heap.lists[index] {
                let pair: [PickleValue]
                switch item {
                case .list(let index): pair = heap.lists[index]
                case .tuple(let index): pair = heap.tuples[index]
                default: throw malformed("a dictionary of something other than pairs")
                }
                guard pair.count == 2 else { throw malformed("a dictionary of something other than pairs") }
                items.append((pair[0], pair[1]))
            }
        }
        heap.dictionaries.append(items)
        return .dictionary(heap.dictionaries.count - 1)
    }

    /// (storage, offset, size, stride, requires_grad, hooks[, dtype in v3][, metadata])
    private mutating func tensor(
        _ values: [PickleValue],
        hasType: Bool
    ) throws(CheckpointError) -> PickleValue {
        guard values.count >= (hasType ? 7 : 4), case .storage(let storage) = values[0],
            case .integer(let offset) = values[1]
        else { throw malformed("a tensor without storage") }
        let (shape, strides) = (try sizes(values[2]), try sizes(values[3]))
        guard offset >= 0, shape.count == strides.count else {
            throw malformed("a tensor of impossible shape \(shape)")
        }
        var type = heap.storages[storage].type
        if hasType {
            guard case .global(let dtype) = values[6], dtype.hasPrefix("torch.") else {
                throw malformed("a tensor without type")
            }
            type = ElementType(dtype: String(dtype.dropFirst(6)))
        }
        heap.tensors.append(
            TensorReference(storage: storage, type: type, offset: offset, shape: shape, strides: strides)
        )
        return .tensor(heap.tensors.count - 1)
    }

    /// BINPERSID of ("storage", class, key, device, count[, view]).
    mutating func storage(_ value: PickleValue) throws(CheckpointError) -> PickleValue {
        let values = try tuple(value)
        guard values.count >= 5, case .text("storage") = values[0], case .global(let name) = values[1],
            case .text(let key) = values[2], case .integer(let count) = values[4], count >= 0
        else { throw malformed("a persistent value that is not a storage") }
        if values.count > 5 {
            guard case .none = values[5] else {
                throw error(.unsupported, "a view of a storage, as PyTorch before 0.4 wrote; save it with a newer one")
            }
        }
        let parts = name.split(separator: ".")
        guard parts.first == "torch", let last = parts.last, let type = ElementType(storage: String(last)) else {
            throw error(.unsupported, "a storage of the unknown class \(name.debugDescription)")
        }
        let storage = StorageReference(key: key, type: type, count: count)
        if let index = heap.storageNumbers[key] {
            guard heap.storages[index] == storage else {
                throw malformed("storage \(key.debugDescription) named twice")
            }
            return .storage(index)
        }
        heap.storageNumbers[key] = heap.storages.count
        heap.storages.append(storage)
        return .storage(heap.storages.count - 1)
    }

    func tuple(_ value: PickleValue) throws(CheckpointError) -> [PickleValue] {
        guard case .tuple(let index) = value else { throw malformed("arguments that are not a tuple") }
        return heap.tuples[index]
    }

    /// A shape or strides; PyTorch's tensors have at most 64 axes.
    private mutating func sizes(_ value: PickleValue) throws(CheckpointError) -> [Int] {
        let values = try tuple(value)
        guard values.count <= 64 else { throw malformed("a tensor of \(values.count) axes") }
        try spend(values.count)
        var sizes: [Int] = []
        for value in values {
            guard case .integer(let size) = value, size >= 0 else { throw malformed("a tensor of impossible shape") }
            sizes.append(size)
        }
        return sizes
    }
}
