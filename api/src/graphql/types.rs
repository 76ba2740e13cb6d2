//! The schema as the checks before the executor see it: which fields a type has, what they take, what they give.
//!
//! It is read once from the schema's own SDL, so that it can't differ from what the executor believes; the executor's
//! registry itself is closed to us.

use std::collections::HashMap;

use async_graphql::{
    Name,
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
    },
};
use esign_domain::error::{Error, Result};

/// Scalars of every schema, which its SDL doesn't name.
const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// What a value of a named input type must look like.
#[derive(Debug)]
pub enum Shape {
    /// One of these names.
    Enum(Vec<Name>),
    /// An object with these fields.
    Object(Vec<Slot>),
    /// A scalar, told by its name.
    Scalar,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Slot {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Whether it may be left out although it is not nullable.
    pub has_default: bool,
}

/// A field of an output type.
#[derive(Debug)]
pub struct Field {
    /// What it takes.
    pub arguments: Vec<Slot>,
    /// The named type it gives, without its wrappers.
    pub gives: Name,
    /// The type it gives, whole.
    pub ty: Type,
}

impl Field {
    /// Whether it gives a list.
    pub fn is_list(&self) -> bool {
        matches!(self.ty.base, BaseType::List(_))
    }

    /// Whether it takes an argument of this name.
    pub fn takes(&self, argument: &Name) -> bool {
        self.arguments.iter().any(|slot| slot.name == *argument)
    }
}

/// Every type of one schema, by name.
#[derive(Debug, Default)]
pub struct Types {
    shapes: HashMap<Name, Shape>,
    fields: HashMap<Name, HashMap<Name, Field>>,
    roots: [Option<Name>; 3],
}

impl Types {
    /// Reads the types from an SDL.
    ///
    /// # Errors
    /// An SDL that doesn't parse, which only a fault of the exporter can bring about.
    pub fn read(sdl: &str) -> Result<Self> {
        let document = parse_schema(sdl).map_err(Error::internal)?;
        let mut types = Self::default();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    types.roots =
                        [schema.query, schema.mutation, schema.subscription].map(|name| name.map(|name| name.node));
                }
                TypeSystemDefinition::Type(ty) => types.add(ty.node.name.node, ty.node.kind),
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(types)
    }

    fn add(&mut self, name: Name, kind: TypeKind) {
        match kind {
            TypeKind::Scalar => drop(self.shapes.insert(name, Shape::Scalar)),
            TypeKind::Enum(ty) => {
                let values = ty.values.into_iter().map(|value| value.node.value.node).collect();
                self.shapes.insert(name, Shape::Enum(values));
            }
            TypeKind::InputObject(ty) => {
                let slots = ty.fields.into_iter().map(|field| slot(field.node)).collect();
                self.shapes.insert(name, Shape::Object(slots));
            }
            TypeKind::Object(ty) => drop(self.fields.insert(name, fields(ty.fields.into_iter().map(|f| f.node)))),
            TypeKind::Interface(ty) => drop(self.fields.insert(name, fields(ty.fields.into_iter().map(|f| f.node)))),
            TypeKind::Union(_) => {}
        }
    }

    /// The type that the selection of an operation starts from.
    pub fn root(&self, operation: OperationType) -> Option<&Name> {
        let index = match operation {
            OperationType::Query => 0,
            OperationType::Mutation => 1,
            OperationType::Subscription => 2,
        };
        self.roots[index].as_ref()
    }

    /// A field of an output type; none when there is no such type or field, which validation will say.
    pub fn field(&self, parent: Option<&Name>, field: &Name) -> Option<&Field> {
        self.fields.get(parent?)?.get(field)
    }

    /// Whether there is an output type of this name that has fields.
    pub fn is_output(&self, name: &Name) -> bool {
        self.fields.contains_key(name)
    }

    /// Whether values may have this type, or be lists of it.
    pub fn is_input(&self, ty: &Type) -> bool {
        let name = innermost(ty);
        self.shapes.contains_key(name) || BUILT_IN.contains(&name.as_str())
    }

    /// What a value of this input type must look like. Built-in scalars are not in the SDL.
    pub fn shape(&self, name: &Name) -> &Shape {
        self.shapes.get(name).unwrap_or(&Shape::Scalar)
    }
}

fn fields(definitions: impl Iterator<Item = FieldDefinition>) -> HashMap<Name, Field> {
    definitions
        .map(|field| {
            let known = Field {
                gives: innermost(&field.ty.node).clone(),
                ty: field.ty.node,
                arguments: field.arguments.into_iter().map(|argument| slot(argument.node)).collect(),
            };
            (field.name.node, known)
        })
        .collect()
}

fn slot(definition: InputValueDefinition) -> Slot {
    Slot { name: definition.name.node, ty: definition.ty.node, has_default: definition.default_value.is_some() }
}

fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}
