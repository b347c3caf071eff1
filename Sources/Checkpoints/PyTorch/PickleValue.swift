/// A value of a pickle. Containers and tensors are indices into a `PickleHeap`, so deep nesting and cycles make no chain of
/// references.
enum PickleValue {
    case none
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// The range in the file of a byte string, a long text or an integer of more than 64 bits.
    case bytes(Range<Int>)
    /// A name that Python would import; here it is only compared.
    case global(String)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case storage(Int)
    case tensor(Int)
    /// An object of any other kind, by the name of its class or function. It is not made.
    case opaque(String)
}

/// The containers and tensors that the values of a pickle refer to.
struct PickleHeap {
    var tuples: [[PickleValue]] = []
    var lists: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [StorageReference] = []
    var storageNumbers: [String: Int] = [:]
    var tensors: [TensorReference] = []
}

/// A storage that a pickle names; its bytes lie elsewhere in the archive.
struct StorageReference: Equatable {
    let key: String
    let type: ElementType
    let count: Int
}

/// A tensor as a view of a storage, counted in elements.
struct TensorReference {
    let storage: Int
    let type: ElementType
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// PyTorch's element types by the names of its storages and dtypes.
struct ElementType: Equatable {
    let name: String
    let bytes: Int
    /// Nil if weights cannot have this type.
    let weight: TensorType?

    /// The storage's class, without its module: `FloatStorage`.
    init?(storage name: String) {
        guard let (dtype, bytes) = Self.storages[name] else { return nil }
        self.init(name: dtype, bytes: bytes)
    }

    /// `float32` and the like, without `torch.`.
    init(dtype name: String) {
        self.init(name: name, bytes: Self.storages.values.first { $0.dtype == name }?.bytes ?? 1)
    }

    private init(name: String, bytes: Int) {
        self.name = name
        self.bytes = bytes
        switch name {
        case "float32": weight = .float32
        case "float16": weight = .float16
        case "bfloat16": weight = .bfloat16
        case "float64": weight = .float64
        default: weight = nil
        }
    }

    private static let storages: [String: (dtype: String, bytes: Int)] = [
        "FloatStorage": ("float32", 4), "HalfStorage": ("float16", 2), "BFloat16Storage": ("bfloat16", 2),
        "DoubleStorage": ("float64", 8), "LongStorage": ("int64", 8), "IntStorage": ("int32", 4),
        "ShortStorage": ("int16", 2), "CharStorage": ("int8", 1), "ByteStorage": ("uint8", 1),
        "BoolStorage": ("bool", 1), "ComplexFloatStorage": ("complex64", 8), "ComplexDoubleStorage": ("complex128", 16),
        "QInt8Storage": ("qint8", 1), "QUInt8Storage": ("quint8", 1), "QInt32Storage": ("qint32", 4),
        "QUInt4x2Storage": ("quint4x2", 1), "QUInt2x4Storage": ("quint2x4", 1), "UntypedStorage": ("bytes", 1),
    ]
}
