package serializer

// Self stands for the very serializer that is being declared, in fields that hold objects of its own type: children, a parent. It is good inside
// the declaration of a serializer of T only.
//
//	serializer.Many(&n.Children, serializer.Self[Node]()).Optional()
//
// What nests deeper than 500 levels, such as an object that contains itself, is an error when it is shown; input stops there anyway.
func Self[T any]() Shape[T] { return self[T]{} }

type self[T any] struct{}

func (self[T]) shape(*T) *plan { return nil }

func (self[T]) view() bool { return false }

// planOf is the plan of the objects in a field.
func planOf[T any](c *compiler, shape Shape[T]) *plan {
	if _, ok := shape.(self[T]); ok {
		if c.typ != c.plan.typ || c.plan.typ != typeOf[T]() {
			c.fail("Self[%s] stands in a serializer of %s; declare the other one with New and give it here", typeOf[T](), c.typ)
		}
		c.plan.recursive = true
		return c.plan
	}
	var p *plan
	if shape != nil {
		p = shape.shape(nil)
	}
	if p == nil {
		c.fail("the serializer of the objects is nil or the zero value; make it with serializer.New and declare it first, or with serializer.Self if it contains itself")
	}
	return p
}
