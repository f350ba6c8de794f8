package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// listModule walks the packages of one module that others can import and lists what they export.
func listModule(root string) ([]string, error) {
	var lines []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		_, nested := os.Stat(filepath.Join(p, "go.mod"))
		name := d.Name()
		if p != root && (nested == nil || name == "internal" || name == "testdata" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		found, err := listPackage(p, filepath.ToSlash(rel))
		lines = append(lines, found...)
		return err
	})
	slices.Sort(lines)
	return slices.Compact(lines), err
}

func listPackage(dir, name string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	l := lister{pkg: name, fset: token.NewFileSet(), promoted: map[string][]string{}, hidden: map[string][]string{}}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(l.fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range parsed.Decls {
			l.declaration(decl)
		}
	}
	for inner, owners := range l.promoted {
		for _, owner := range owners {
			for _, method := range l.hidden[inner] {
				l.add("method (", owner, ") ", method)
			}
		}
	}
	return l.lines, nil
}

type lister struct {
	pkg   string
	fset  *token.FileSet
	lines []string

	// What an exported struct embeds without exporting it still gives the struct its methods.
	promoted map[string][]string // unexported type to the exported structs that embed it
	hidden   map[string][]string // unexported type to its exported methods
}

func (l *lister) add(parts ...string) {
	l.lines = append(l.lines, "pkg "+l.pkg+", "+strings.Join(parts, ""))
}

func (l *lister) declaration(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() {
			return
		}
		if d.Recv == nil {
			l.add("func ", d.Name.Name, l.signature(d.Type))
			return
		}
		recv, method := d.Recv.List[0].Type, d.Name.Name+l.signature(d.Type)
		if base := baseName(recv); ast.IsExported(base) {
			l.add("method (", l.text(recv), ") ", method)
		} else {
			l.hidden[base] = append(l.hidden[base], method)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					l.typeSpec(s)
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						l.add(d.Tok.String(), " ", n.Name)
					}
				}
			}
		}
	}
}

func (l *lister) typeSpec(s *ast.TypeSpec) {
	head := "type " + s.Name.Name
	if s.TypeParams != nil {
		var params []string
		for _, p := range s.TypeParams.List {
			for _, n := range p.Names {
				params = append(params, n.Name+" "+l.text(p.Type))
			}
		}
		head += "[" + strings.Join(params, ", ") + "]"
	}
	if s.Assign.IsValid() {
		head += " ="
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		l.add(head, " struct")
		l.fields(s.Name.Name, t.Fields, false)
	case *ast.InterfaceType:
		l.add(head, " interface")
		l.fields(s.Name.Name, t.Methods, true)
	default:
		l.add(head, " ", l.text(t))
	}
}

// fields lists what a struct or an interface consists of.
func (l *lister) fields(owner string, list *ast.FieldList, methods bool) {
	for _, f := range list.List {
		switch base := baseName(f.Type); {
		case len(f.Names) > 0:
		case ast.IsExported(base):
			l.add("type ", owner, ", embeds ", l.text(f.Type))
		case base != "":
			l.promoted[base] = append(l.promoted[base], owner)
		}
		for _, n := range f.Names {
			if n.IsExported() {
				l.member(owner, n.Name, f.Type, methods)
			}
		}
	}
}

func (l *lister) member(owner, name string, typ ast.Expr, method bool) {
	if fn, ok := typ.(*ast.FuncType); ok && method {
		l.add("type ", owner, ", method ", name, l.signature(fn))
		return
	}
	l.add("type ", owner, ", field ", name, " ", l.text(typ))
}

// signature leaves parameter names out: they are no part of the promise.
func (l *lister) signature(t *ast.FuncType) string {
	unnamed := &ast.FuncType{TypeParams: t.TypeParams, Params: nameless(t.Params), Results: nameless(t.Results)}
	return strings.TrimPrefix(l.text(unnamed), "func")
}

func nameless(list *ast.FieldList) *ast.FieldList {
	if list == nil {
		return nil
	}
	out := &ast.FieldList{}
	for _, f := range list.List {
		for range max(1, len(f.Names)) {
			out.List = append(out.List, &ast.Field{Type: f.Type})
		}
	}
	return out
}

func (l *lister) text(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, l.fset, n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// baseName is the type's name without pointer and type arguments.
func baseName(e ast.Expr) string {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.SelectorExpr:
			return t.Sel.Name
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}
