package arch

import "go/ast"

// declared names what a file declares at its top: functions, types, variables
// and constants by their names, methods as Type.Method, also of interfaces.
func declared(tree *ast.File) (names []string) {
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			} else {
				names = append(names, receiver(d.Recv.List[0].Type)+"."+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				names = append(names, declaredBy(s)...)
			}
		}
	}
	return names
}

func declaredBy(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
		i, ok := s.Type.(*ast.InterfaceType)
		if !ok {
			break
		}
		for _, m := range i.Methods.List {
			for _, n := range m.Names {
				names = append(names, s.Name.Name+"."+n.Name)
			}
		}
	}
	return names
}

// receiver returns the type that a method belongs to, without star and brackets.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
