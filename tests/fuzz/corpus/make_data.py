"""Makes the corpus of the data target (data/): a letter for the parser, then a small good file. Needs NumPy's and SciPy's files of
tests/fixtures/engine/data."""
import gzip
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent
FILES = HERE.parent.parent / "fixtures/engine/data"


def idx(sizes):
    count = 1
    for size in sizes:
        count *= size
    return struct.pack(f">I{len(sizes)}I", 0x800 + len(sizes), *sizes) + bytes(i % 10 for i in range(count))


def pair(x, y):
    x, y = (FILES / f"{x}.npy").read_bytes(), (FILES / f"{y}.npy").read_bytes()
    return struct.pack(">H", len(x)) + x + y


def record(labels):
    return bytes(labels) + bytes(i % 256 for i in range(3072))


corpus = {
    "idx3": b"i" + idx([3, 4, 5]), "idx3_gz": b"i" + gzip.compress(idx([3, 4, 5]), mtime=0), "idx1": b"l" + idx([12]),
    "idx1_gz": b"l" + gzip.compress(idx([12]), mtime=0), "gzip": b"g" + gzip.compress(b"some text, and some text again" * 9, mtime=0),
    "zlib": b"z" + zlib.compress(b"some text, and some text again" * 9),
    "csv_numbers": b"ca,b,y\n" + b"".join(b"%d,%.1f,%.2f\n" % (i, i * 0.5, i * i * 0.1) for i in range(24)),
    "csv_texts": b'c"a, b",c,"the ""class"""\r\n' + b"".join(b'%d,"x%d",%s\r\n' % (i, i % 3, b"yes" if i % 2 else b"no") for i in range(12)),
    "cifar10": b"k" + record([3]), "cifar100": b"h" + record([1, 77]),
    "mat_compressed": b"m" + (FILES / "svhn_compressed.mat").read_bytes(), "mat_one": b"m" + (FILES / "svhn_one.mat").read_bytes(),
    "mat": b"m" + (FILES / "svhn.mat").read_bytes(),
    "npy_images": b"n" + pair("u1_images", "labels"), "npy_fortran": b"n" + pair("f8_fortran", "targets"),
    "npy_big": b"n" + pair("i2_big_fortran", "labels"), "npy_v2": b"n" + pair("f4_big_v2", "targets"), "npy_v3": b"n" + pair("i4_v3", "i1"),
}
(HERE / "data").mkdir(exist_ok=True)
for name, content in corpus.items():
    (HERE / "data" / name).write_bytes(content)
