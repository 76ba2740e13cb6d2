//! The schema against its contract, and against the copy of it that is committed.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

/// What of the contract isn't built yet: fields, as `Type.field`.
const LATER: &[&str] = &[
    "Query.deliveries",
    "Mutation.redeliver",
    "Mutation.redeliverMatching",
    "Mutation.sendTestWebhook",
    "SignResult.evidenceUrl",
];

/// A schema as a set of claims: `Type.field: Type`, `Type.field(argument): Type`, `Enum.VALUE`, `Type implements Node`.
fn claims(sdl: &str) -> BTreeMap<String, String> {
    let mut claims = BTreeMap::new();
    for ty in definitions(sdl) {
        let name = ty.name.node.to_string();
        match ty.kind {
            TypeKind::Scalar => drop(claims.insert(name, "scalar".into())),
            TypeKind::Object(object) => {
                for interface in object.implements {
                    claims.insert(format!("{name} implements {}", interface.node), String::new());
                }
                output(&mut claims, &name, object.fields.into_iter().map(|field| field.node));
            }
            TypeKind::Interface(interface) => {
                output(&mut claims, &name, interface.fields.into_iter().map(|field| field.node));
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    claims.insert(format!("{name}.{}", field.node.name.node), field.node.ty.node.to_string());
                }
            }
            TypeKind::Enum(list) => {
                for value in list.values {
                    claims.insert(format!("{name}.{}", value.node.value.node), "value".into());
                }
            }
            TypeKind::Union(_) => panic!("the contract has no unions"),
        }
    }
    claims
}

fn output(claims: &mut BTreeMap<String, String>, ty: &str, fields: impl Iterator<Item = FieldDefinition>) {
    for field in fields {
        let name = format!("{ty}.{}", field.name.node);
        for argument in field.arguments {
            claims.insert(format!("{name}({})", argument.node.name.node), argument.node.ty.node.to_string());
        }
        claims.insert(name, field.ty.node.to_string());
    }
}

fn definitions(sdl: &str) -> Vec<TypeDefinition> {
    let document = parse_schema(sdl).expect("an SDL");
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some(ty.node),
        _ => None,
    });
    types.collect()
}

fn is_later(claim: &str) -> bool {
    LATER.iter().any(|later| claim == *later || claim.starts_with(&format!("{later}(")))
}

#[test]
fn what_is_built_is_what_the_contract_says() {
    let (contract, ours) = (claims(include_str!("contract/contract.graphql")), claims(&super::sdl()));
    let built: BTreeSet<String> = definitions(&super::sdl()).iter().map(|ty| ty.name.node.to_string()).collect();
    for (claim, value) in &contract {
        let ty = claim.split(['.', ' ']).next().unwrap_or_default();
        if built.contains(ty) && !is_later(claim) {
            assert_eq!(ours.get(claim), Some(value), "{claim}");
        }
    }
    for claim in ours.keys() {
        assert!(contract.contains_key(claim), "{claim} isn't in the contract");
        assert!(!is_later(claim), "{claim} is built: take it from the list of what comes later");
    }
}

#[test]
fn everything_is_described() {
    let mut bare = Vec::new();
    let argument = |bare: &mut Vec<String>, owner: &str, value: &InputValueDefinition| {
        if value.description.is_none() {
            bare.push(format!("{owner}({})", value.name.node));
        }
    };
    for ty in definitions(&super::sdl()) {
        let name = ty.name.node.to_string();
        if ty.description.is_none() {
            bare.push(name.clone());
        }
        let fields = match ty.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::InputObject(input) => {
                input.fields.iter().for_each(|field| argument(&mut bare, &name, &field.node));
                continue;
            }
            TypeKind::Enum(list) => {
                let values = list.values.iter().filter(|value| value.node.description.is_none());
                bare.extend(values.map(|value| format!("{name}.{}", value.node.value.node)));
                continue;
            }
            TypeKind::Scalar | TypeKind::Union(_) => continue,
        };
        for field in fields {
            let owner = format!("{name}.{}", field.node.name.node);
            field.node.arguments.iter().for_each(|value| argument(&mut bare, &owner, &value.node));
            if field.node.description.is_none() {
                bare.push(owner);
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:?}");
}

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, super::sdl()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == super::sdl(), "run the tests once with UPDATE_SCHEMA=1 and look at the difference");
}

#[test]
fn the_checks_before_the_executor_can_read_the_schema() {
    let types = super::types::Types::read(&super::sdl()).unwrap();
    let root = types.root(async_graphql::parser::types::OperationType::Mutation);
    let field = types.field(root, &async_graphql::Name::new("startSignFlow")).unwrap();
    assert_eq!(field.arguments.len(), 1);
}

/// The macros name the stock result type, so clippy can't forbid it here; our own code must not.
#[test]
fn no_resolver_gives_the_stock_result() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/graphql");
    let forbidden = [concat!("async_graphql::", "Result"), concat!("Field", "Result")];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            assert!(!forbidden.iter().any(|name| source.contains(name)), "{}", path.display());
        }
    }
}
