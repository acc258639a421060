"""`cmake --install` and the packages: the library builds another project, the program runs from where it was put."""
import json
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

import support

BUILD = pathlib.Path(support.VERNIER).resolve().parent
HEADERS = {"database.h", "error.h", "space.h", "study.h", "trial.h", "value.h", "vernier.h"}


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="vernier-install-")
        cls.dir = pathlib.Path(cls.scratch.name)
        cls.prefix = cls.dir / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def check_program(self, program, where):
        """Runs a search and writes its page, with nothing of the source tree."""
        where.mkdir()
        (where / "small.yaml").write_text(support.SMALL)
        for words in (["run", "small.yaml"], ["top", "small"], ["report", "small", "-o", "report.html"]):
            run(program, *words, cwd=where, env={"PATH": "/usr/bin:/bin", "HOME": str(where)})
        page = (where / "report.html").read_text()
        self.assertGreater(len(page), 200_000)
        self.assertIn("<script", page)

    def test_another_project_finds_the_library_and_the_minimum_of_branin(self):
        project, build = self.dir / "branin", self.dir / "branin-build"
        shutil.copytree(support.ROOT / "experiments/library/example", project)
        run("cmake", "-G", "Ninja", "-S", project, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", build)
        said = run(build / "branin", self.dir / "branin.db")
        value = float(said.split(":")[1].split()[0])
        self.assertLess(value - 0.397887, 0.01, said)
        first = json.loads(run(self.prefix / "bin/vernier", "query", "order by value limit 1", "--db", self.dir / "branin.db", "--json"))
        self.assertAlmostEqual(first["rows"][0]["value"], value, places=4)
        self.assertIn("finished", run(self.prefix / "bin/vernier", "ls", "--db", self.dir / "branin.db"))
        refused = subprocess.run([self.prefix / "bin/vernier", "rerun", "branin#1", "--db", self.dir / "branin.db"], capture_output=True, text=True)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("only the program that has the function", refused.stderr)
        run(self.prefix / "bin/vernier", "report", "branin", "--db", self.dir / "branin.db", "-o", self.dir / "branin.html")
        run(self.prefix / "bin/vernier", "verify", "--db", self.dir / "branin.db")

    def test_headers_stand_alone_and_show_no_private_part(self):
        folder = self.prefix / "include/vernier"
        self.assertEqual({path.name for path in folder.iterdir()}, HEADERS)
        for name in sorted(HEADERS):
            unit = self.dir / "unit.cpp"
            unit.write_text(f"#include <vernier/{name}>\nint main() {{}}\n")
            needed = run("g++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-M", "-I", self.prefix / "include", unit)
            for private in ("sqlite", "yaml", "Eigen", "nlohmann", "fmt/", "core/", "store/", "search/"):
                self.assertNotIn(private, needed.replace(str(self.dir), ""), name)

    def test_the_program_with_its_pages(self):
        self.check_program(self.prefix / "bin/vernier", self.dir / "run")
        page = (self.prefix / "share/man/man1/vernier.1").read_text()
        for command in ("VERNIER RUN", "VERNIER QUERY", "EXIT STATUS"):
            self.assertIn(command, page)
        run("bash", "-n", self.prefix / "share/bash-completion/completions/vernier")
        self.assertTrue((self.prefix / "share/zsh/vendor-completions/_vernier").exists())
        self.assertTrue((self.prefix / "share/fish/vendor_completions.d/vernier.fish").exists())

    def test_the_packages(self):
        out = self.dir / "packages"
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", out, cwd=BUILD)
        deb, = out.glob("vernier_*.deb")
        archive, = out.glob("vernier-*.tar.gz")
        names = [line.split()[5] for line in run("dpkg-deb", "--contents", deb).splitlines()]
        for wanted in ("./usr/bin/vernier", "./usr/include/vernier/study.h", "./usr/share/man/man1/vernier.1",
                       "./usr/share/bash-completion/completions/vernier"):
            self.assertIn(wanted, names)
        self.assertTrue(all(name.startswith("./usr/") or name in ("./", "./usr/") for name in names), names)
        depends = run("dpkg-deb", "--field", deb, "Depends")
        for library in ("libc6", "libsqlite3-0", "libdnnl2", "libtbb12", "libmicrohttpd12", "libyaml-cpp0.7"):
            self.assertIn(library, depends)
        run("dpkg-deb", "-e", deb, self.dir / "control")  # no scripts: dpkg would keep them after the removal
        self.assertEqual({path.name for path in (self.dir / "control").iterdir()}, {"control", "md5sums", "shlibs", "triggers"})
        run("dpkg-deb", "-x", deb, self.dir / "unpacked")
        self.check_program(self.dir / "unpacked/usr/bin/vernier", self.dir / "run-deb")
        with tarfile.open(archive) as packed:
            inside = [name.split("/", 1)[1] for name in packed.getnames() if "/" in name]
        for wanted in ("usr/bin/vernier", "usr/include/vernier/vernier.h"):
            self.assertIn(wanted, inside)


if __name__ == "__main__":
    unittest.main(verbosity=2)
