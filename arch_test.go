package toolset_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "gitlab.com/pik-pro/backend/toolset"

// sourceFile is one parsed Go file of the root module.
type sourceFile struct {
	path string // relative to the module, with slashes
	dir  string // "." for the root package
	test bool
	ast  *ast.File
	fset *token.FileSet
}

func (f sourceFile) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(n.Pos()).Line)
}

// imports lists the import paths of the file; those of this module come relative to it ("retry").
func (f sourceFile) imports() (std, own, foreign []string) {
	for _, spec := range f.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		switch first, _, _ := strings.Cut(p, "/"); {
		case p == module:
			own = append(own, ".")
		case strings.HasPrefix(p, module+"/"):
			own = append(own, strings.TrimPrefix(p, module+"/"))
		case strings.Contains(first, "."):
			foreign = append(foreign, p)
		default:
			std = append(std, p)
		}
	}
	return std, own, foreign
}

// sources parses the root module; nested modules answer for themselves.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(p, "go.mod")); p != "." && (err == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(p)
		files = append(files, sourceFile{slashed, path.Dir(slashed), strings.HasSuffix(p, "_test.go"), parsed, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files found: the walk is broken, and with it every rule below", len(files))
	}
	return files
}

// A user who imports retry must not get a requirement that only our tests or adapters need.
func TestRootModuleRequiresLittle(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"github.com/rabbitmq/amqp091-go", // the RabbitMQ adapter
	}
	line := regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+) v\S+(.*)$`)
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(m[2], "indirect") && !slices.Contains(allowed, m[1]) {
			t.Errorf("go.mod requires %s: the root module stays small; drivers, tests and tools live in the nested modules", m[1])
		}
	}
	if len(allowed) > 4 {
		t.Error("at most four requirements")
	}
}

// The packages that people meet first stand alone.
func TestSmallPackagesImportOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	alone := []string{"retry", "match", "apierror", "serializer", "softdelete"}
	for _, f := range sources(t) {
		if !slices.Contains(alone, f.dir) {
			continue
		}
		_, own, foreign := f.imports()
		for _, p := range foreign {
			t.Errorf("%s imports %s", f.path, p)
		}
		for _, p := range own {
			if !strings.HasPrefix(p, "internal/") && p != f.dir {
				t.Errorf("%s imports %s", f.path, p)
			}
		}
	}
}

func TestAdaptersStayBehindTheirSeams(t *testing.T) {
	t.Parallel()
	adapters := []string{"eventbus/rabbitmq", "eventbus/memory", "openapi/swaggerui"}
	for _, f := range sources(t) {
		_, own, foreign := f.imports()
		for _, p := range foreign {
			if p == "github.com/rabbitmq/amqp091-go" && f.dir != "eventbus/rabbitmq" {
				t.Errorf("%s imports amqp091-go: only eventbus/rabbitmq may", f.path)
			}
		}
		for _, p := range own {
			if strings.HasPrefix(p, "example/") {
				t.Errorf("%s imports the example", f.path)
			}
			if !f.test && slices.Contains(adapters, p) && f.dir != p {
				t.Errorf("%s imports the adapter %s", f.path, p)
			}
			if kit := strings.HasSuffix(p, "test"); kit && !f.test && !strings.HasSuffix(f.dir, "test") {
				t.Errorf("%s imports the test kit %s, and package testing with it", f.path, p)
			}
		}
	}
}

func TestEveryPackageIsDocumentedAndShown(t *testing.T) {
	t.Parallel()
	noExample := map[string]string{
		".":               "holds no code",
		"eventbus/driver": "is for those who write an adapter; the suite in eventbustest shows its use",
	}
	type state struct{ doc, example, code bool }
	packages := map[string]*state{}
	for _, f := range sources(t) {
		p := packages[f.dir]
		if p == nil {
			p = &state{}
			packages[f.dir] = p
		}
		p.code = p.code || !f.test
		if !f.test && f.ast.Doc != nil && len(f.ast.Doc.Text()) > 60 {
			p.doc = true
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && f.test && strings.HasPrefix(fn.Name.Name, "Example") {
				p.example = true
			}
		}
	}
	for dir, p := range packages {
		if !p.code || strings.HasPrefix(dir, "internal") {
			continue
		}
		if !p.doc {
			t.Errorf("%s has no package comment that says what it is for", dir)
		}
		if _, excused := noExample[dir]; !p.example && !excused {
			t.Errorf("%s has no Example function", dir)
		}
	}
}

// Code that runs at import, or reads the environment where nobody asked for it, surprises its importer.
func TestNothingHappensAtImport(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: init()", f.at(fn))
			}
			if strings.HasSuffix(fn.Name.Name, "FromEnv") || strings.HasPrefix(f.dir, "internal") {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ"}, sel.Sel.Name) {
					t.Errorf("%s: %s reads the environment; only functions named FromEnv may", f.at(n), fn.Name.Name)
				}
				return true
			})
		}
	}
}

// unsafe stands where its argument stands.
func TestUnsafeStandsInOneFile(t *testing.T) {
	t.Parallel()
	perPackage := map[string][]string{}
	for _, f := range sources(t) {
		std, _, _ := f.imports()
		if !f.test && slices.Contains(std, "unsafe") {
			perPackage[f.dir] = append(perPackage[f.dir], f.path)
		}
	}
	for dir, files := range perPackage {
		if (dir != "serializer" && dir != "match") || len(files) > 1 {
			t.Errorf("unsafe in %v: it belongs into one file of serializer (speed) and of match (unexported fields)", files)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if lines := f.fset.File(f.ast.Pos()).LineCount(); lines > 600 {
			t.Errorf("%s has %d lines: is it one thing?", f.path, lines)
		}
	}
}
