//! The chain as a running contract sees it: its own state, and a recorder of the receipts that it requests.
//!
//! A contract touches only its own account. Requests are recorded, not carried out.

use std::cell::RefCell;

use near_crypto::PublicKey;
use near_primitives::account::{AccessKey, AccessKeyPermission, FunctionCallPermission};
use near_primitives::action as actions;
use near_primitives::deterministic_account_id::{
    DeterministicAccountStateInit, DeterministicAccountStateInitV1,
};
use near_primitives::errors::FunctionCallError;
use near_primitives::receipt::DataReceiver;
use near_primitives::transaction::Action;
use near_primitives::universal_state_init as universal;
use near_primitives::utils::create_receipt_id_from_action_hash;
use near_primitives_core::account::GasKeyInfo;
use near_primitives_core::hash::{CryptoHash, YieldId};
use near_primitives_core::types::{GasWeight, Nonce, NonceIndex};
use near_primitives_core::universal_state_init::{
    DecodeMode, RawStateInit, StateInitError, UniversalStateInitCounts,
};
use near_vm_runner::logic::types::{
    ActionIndex, GlobalContractDeployMode, GlobalContractIdentifier, ReceiptIndex,
};
use near_vm_runner::logic::{
    External, HostError, ReturnData, StorageAccessTracker, VMLogicError, ValuePtr,
};

use super::request::{Weighted, distribute};
use super::{Call, Outcome, PromiseReceipt, Resume, Storage, Touch, Yields};
use crate::types::{AccountId, BlockHeight, Gas, NearToken};

type Result<T, E = VMLogicError> = std::result::Result<T, E>;

/// How many trie nodes a write or a removal touches, each paid for in gas.
///
/// Reads use flat storage and pay only for the value's bytes. The nodes that a write touches depend on
/// everything else in the shard, so they cannot be known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrieDepth(pub u64);

impl TrieDepth {
    /// The depth that conformance cases were recorded with: trie nodes cost nothing.
    pub const FREE: Self = Self(0);
    /// The depth that campaigns charge. A trie with 16-way branches and 10^8 entries is 7 levels deep if keys are
    /// random. They are not: shared prefixes add a level, and each level may have an extension before its
    /// branch. So this counts 8 branches, 8 extensions, a leaf and the value, each at the price of the first
    /// touch in its chunk, although upper nodes are touched repeatedly.
    pub const PESSIMISTIC: Self = Self(18);
}

/// Records what a contract requests.
pub(super) struct Recorder {
    storage: Storage,
    yields: Yields,
    promises: Vec<PromiseReceipt>,
    resumes: Vec<Resume>,
    weighted: Vec<Weighted>,
    action_hash: CryptoHash,
    block_height: BlockHeight,
    data_ids: u64,
    trie_depth: TrieDepth,
    post_quantum_keys: bool,
    /// In a cell, because the virtual machine reads through a shared reference.
    touched: RefCell<Vec<Touch>>,
}

impl Recorder {
    pub(super) fn new(call: &Call<'_>) -> Self {
        Self {
            storage: call.storage.clone(),
            yields: call.yields.clone(),
            promises: Vec::new(),
            resumes: Vec::new(),
            weighted: Vec::new(),
            action_hash: call.action_hash,
            block_height: call.context.block_height,
            data_ids: 0,
            trie_depth: call.trie_depth,
            post_quantum_keys: call.post_quantum_keys,
            touched: RefCell::default(),
        }
    }

    /// Distributes `unused` gas among the calls with a weight. Returns what was distributed.
    pub(super) fn distribute(&mut self, unused: Gas) -> Gas {
        distribute(&mut self.promises, &self.weighted, unused)
    }

    /// The outcome, with everything that was recorded.
    pub(super) fn outcome(
        self,
        result: Result<ReturnData, FunctionCallError>,
        burnt_gas: Gas,
        used_gas: Gas,
        logs: Vec<String>,
    ) -> Outcome {
        Outcome {
            result,
            burnt_gas,
            used_gas,
            logs,
            balance: NearToken::ZERO,
            storage_usage: 0,
            subsidized: NearToken::ZERO,
            storage: self.storage,
            yields: self.yields,
            promises: self.promises,
            resumes: self.resumes,
            touched: self.touched.into_inner(),
        }
    }

    fn touch(&self, key: &[u8], write: bool) {
        self.touched.borrow_mut().push(Touch { key: key.into(), write });
    }

    fn promise(&mut self, index: ReceiptIndex) -> &mut PromiseReceipt {
        self.promises.get_mut(position(index)).expect("the host checked the receipt index")
    }

    fn append(&mut self, index: ReceiptIndex, action: Action) -> usize {
        let actions = &mut self.promise(index).actions;
        actions.push(action);
        actions.len() - 1
    }

    fn create(
        &mut self,
        receiver: AccountId,
        inputs: Vec<CryptoHash>,
        is_yield: bool,
    ) -> ReceiptIndex {
        self.promises.push(PromiseReceipt {
            receiver,
            refund_to: None,
            output_data_receivers: Vec::new(),
            input_data_ids: inputs,
            actions: Vec::new(),
            is_yield,
        });
        self.promises.len() as ReceiptIndex - 1
    }

    fn create_yield(
        &mut self,
        receiver: AccountId,
        id: Option<YieldId>,
    ) -> (ReceiptIndex, CryptoHash) {
        let data_id = self.generate_data_id();
        self.yields.create(data_id, id);
        (self.create(receiver, vec![data_id], true), data_id)
    }

    fn add_key(&mut self, index: ReceiptIndex, public_key: PublicKey, access_key: AccessKey) {
        let action = actions::AddKeyAction { public_key, access_key };
        self.append(index, Action::AddKey(Box::new(action)));
    }
}

fn position(index: u64) -> usize {
    usize::try_from(index).expect("receipts and actions fit into memory")
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| HostError::InvalidMethodName.into())
}

fn permission(
    allowance: Option<NearToken>,
    receiver: AccountId,
    methods: Vec<Vec<u8>>,
) -> Result<FunctionCallPermission> {
    let method_names = methods.into_iter().map(text).collect::<Result<_>>()?;
    Ok(FunctionCallPermission { allowance, receiver_id: receiver.into(), method_names })
}

struct Value<'a>(&'a [u8]);

impl ValuePtr for Value<'_> {
    fn len(&self) -> u32 {
        u32::try_from(self.0.len()).expect("values are smaller than 4 GiB")
    }

    fn deref(&self, _: &mut dyn StorageAccessTracker) -> Result<Vec<u8>> {
        Ok(self.0.to_vec())
    }
}

impl External for Recorder {
    fn storage_set(
        &mut self,
        tracker: &mut dyn StorageAccessTracker,
        key: &[u8],
        value: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        tracker.trie_node_touched(self.trie_depth.0)?;
        self.touch(key, true);
        let Some(evicted) = self.storage.insert(key, value) else { return Ok(None) };
        tracker.deref_write_evicted_value_bytes(evicted.len() as u64)?;
        Ok(Some(evicted.to_vec()))
    }

    fn storage_get<'a>(
        &'a self,
        _: &mut dyn StorageAccessTracker,
        key: &[u8],
    ) -> Result<Option<Box<dyn ValuePtr + 'a>>> {
        self.touch(key, false);
        Ok(self.storage.get(key).map(|value| Box::new(Value(value)) as Box<dyn ValuePtr>))
    }

    fn storage_remove(
        &mut self,
        tracker: &mut dyn StorageAccessTracker,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        tracker.trie_node_touched(self.trie_depth.0)?;
        self.touch(key, true);
        let Some(removed) = self.storage.remove(key) else { return Ok(None) };
        tracker.deref_removed_value_bytes(removed.len() as u64)?;
        Ok(Some(removed.to_vec()))
    }

    fn storage_has_key(&mut self, _: &mut dyn StorageAccessTracker, key: &[u8]) -> Result<bool> {
        self.touch(key, false);
        Ok(self.storage.contains(key))
    }

    fn generate_data_id(&mut self) -> CryptoHash {
        let id =
            create_receipt_id_from_action_hash(&self.action_hash, self.block_height, self.data_ids);
        self.data_ids += 1;
        id
    }

    fn get_recorded_storage_size(&self) -> usize {
        0
    }

    fn storage_proof_size_before_receipt(&self) -> usize {
        0
    }

    fn validator_stake(&self, _: &AccountId) -> Result<Option<NearToken>> {
        Ok(None)
    }

    fn validator_total_stake(&self) -> Result<NearToken> {
        Ok(NearToken::ZERO)
    }

    fn chain_id(&self) -> String {
        "mainnet".to_owned()
    }

    fn create_action_receipt(
        &mut self,
        receipt_indices: Vec<ReceiptIndex>,
        receiver_id: AccountId,
    ) -> Result<ReceiptIndex> {
        let mut inputs = Vec::with_capacity(receipt_indices.len());
        for receipt_index in receipt_indices {
            let data_id = self.generate_data_id();
            let receiver_id = receiver_id.clone();
            self.promises
                .get_mut(position(receipt_index))
                .ok_or(HostError::InvalidReceiptIndex { receipt_index })?
                .output_data_receivers
                .push(DataReceiver { data_id, receiver_id });
            inputs.push(data_id);
        }
        Ok(self.create(receiver_id, inputs, false))
    }

    fn create_promise_yield_receipt(
        &mut self,
        receiver_id: AccountId,
    ) -> Result<(ReceiptIndex, CryptoHash)> {
        Ok(self.create_yield(receiver_id, None))
    }

    fn create_promise_yield_receipt_with_id(
        &mut self,
        receiver_id: AccountId,
        user_yield_id: YieldId,
    ) -> Result<Option<(ReceiptIndex, CryptoHash)>> {
        if self.yields.data_id(&user_yield_id).is_some() {
            return Ok(None);
        }
        Ok(Some(self.create_yield(receiver_id, Some(user_yield_id))))
    }

    fn submit_promise_resume_data(&mut self, data_id: CryptoHash, data: Vec<u8>) -> Result<bool> {
        if self.yields.status(&data_id).is_none() {
            return Ok(false);
        }
        self.yields.resume(data_id);
        self.resumes.push(Resume { data_id, data });
        Ok(true)
    }

    fn submit_promise_resume_data_with_yield_id(
        &mut self,
        user_yield_id: YieldId,
        data: Vec<u8>,
    ) -> Result<bool> {
        match self.yields.data_id(&user_yield_id) {
            Some(data_id) => self.submit_promise_resume_data(data_id, data),
            None => Ok(false),
        }
    }

    fn append_action_create_account(&mut self, index: ReceiptIndex) {
        self.append(index, Action::CreateAccount(actions::CreateAccountAction {}));
    }

    fn append_action_deploy_contract(&mut self, index: ReceiptIndex, code: Vec<u8>) {
        self.append(index, Action::DeployContract(actions::DeployContractAction { code }));
    }

    fn append_action_deploy_global_contract(
        &mut self,
        index: ReceiptIndex,
        code: Vec<u8>,
        mode: GlobalContractDeployMode,
    ) {
        let deploy_mode = match mode {
            GlobalContractDeployMode::CodeHash => actions::GlobalContractDeployMode::CodeHash,
            GlobalContractDeployMode::AccountId => actions::GlobalContractDeployMode::AccountId,
        };
        let action = actions::DeployGlobalContractAction { code: code.into(), deploy_mode };
        self.append(index, Action::DeployGlobalContract(action));
    }

    fn append_action_use_global_contract(
        &mut self,
        index: ReceiptIndex,
        contract_id: GlobalContractIdentifier,
    ) {
        let contract_identifier = contract_id.into();
        let action = actions::UseGlobalContractAction { contract_identifier };
        self.append(index, Action::UseGlobalContract(Box::new(action)));
    }

    fn append_action_deterministic_state_init(
        &mut self,
        index: ReceiptIndex,
        contract_id: GlobalContractIdentifier,
        amount: NearToken,
    ) -> ActionIndex {
        let state_init = DeterministicAccountStateInit::V1(DeterministicAccountStateInitV1 {
            code: contract_id.into(),
            data: Default::default(),
        });
        let action = actions::DeterministicStateInitAction { state_init, deposit: amount };
        self.append(index, Action::DeterministicStateInit(Box::new(action))) as ActionIndex
    }

    fn set_deterministic_state_init_data_entry(
        &mut self,
        index: ReceiptIndex,
        action_index: ActionIndex,
        key: Vec<u8>,
        value: Vec<u8>,
    ) -> Result<()> {
        let action = self.promise(index).actions.get_mut(position(action_index));
        let Some(Action::DeterministicStateInit(action)) = action else {
            return Err(HostError::InvalidActionIndex { receipt_index: index, action_index }.into());
        };
        action.state_init.data_mut().insert(key, value);
        Ok(())
    }

    fn check_state_init(&self, state_init: &RawStateInit) -> Result<(), StateInitError> {
        universal::UniversalStateInit::from_raw_strict(state_init).map(|_| ())
    }

    fn state_init_send_counts(
        &self,
        state_init: &RawStateInit,
        mode: DecodeMode,
    ) -> UniversalStateInitCounts {
        universal::state_init_send_counts(state_init, mode)
    }

    fn append_action_universal_state_init(
        &mut self,
        index: ReceiptIndex,
        state_init: RawStateInit,
        amount: NearToken,
    ) {
        let action = actions::UniversalStateInitAction { state_init, deposit: amount };
        self.append(index, Action::UniversalStateInit(Box::new(action)));
    }

    fn append_action_function_call_weight(
        &mut self,
        index: ReceiptIndex,
        method_name: Vec<u8>,
        args: Vec<u8>,
        attached_deposit: NearToken,
        prepaid_gas: Gas,
        gas_weight: GasWeight,
    ) -> Result<()> {
        let action = actions::FunctionCallAction {
            method_name: text(method_name)?,
            args,
            gas: prepaid_gas,
            deposit: attached_deposit,
        };
        let action = self.append(index, Action::FunctionCall(Box::new(action)));
        if gas_weight.0 > 0 {
            let (receipt, weight) = (position(index), gas_weight.0);
            self.weighted.push(Weighted { receipt, action, weight });
        }
        Ok(())
    }

    fn append_action_transfer(&mut self, index: ReceiptIndex, deposit: NearToken) {
        self.append(index, Action::Transfer(actions::TransferAction { deposit }));
    }

    fn append_action_transfer_to_gas_key(
        &mut self,
        index: ReceiptIndex,
        public_key: PublicKey,
        deposit: NearToken,
    ) {
        let action = actions::TransferToGasKeyAction { public_key, deposit };
        self.append(index, Action::TransferToGasKey(Box::new(action)));
    }

    fn append_action_add_gas_key_with_full_access(
        &mut self,
        index: ReceiptIndex,
        public_key: PublicKey,
        num_nonces: NonceIndex,
    ) {
        self.add_key(index, public_key, AccessKey::gas_key_full_access(num_nonces));
    }

    fn append_action_add_gas_key_with_function_call(
        &mut self,
        index: ReceiptIndex,
        public_key: PublicKey,
        num_nonces: NonceIndex,
        allowance: Option<NearToken>,
        receiver_id: AccountId,
        method_names: Vec<Vec<u8>>,
    ) -> Result<()> {
        let permission = AccessKeyPermission::GasKeyFunctionCall(
            GasKeyInfo { balance: NearToken::ZERO, num_nonces },
            permission(allowance, receiver_id, method_names)?,
        );
        self.add_key(index, public_key, AccessKey { nonce: 0, permission });
        Ok(())
    }

    fn append_action_stake(&mut self, index: ReceiptIndex, stake: NearToken, key: PublicKey) {
        let action = actions::StakeAction { stake, public_key: key };
        self.append(index, Action::Stake(Box::new(action)));
    }

    fn append_action_add_key_with_full_access(
        &mut self,
        index: ReceiptIndex,
        public_key: PublicKey,
        nonce: Nonce,
    ) {
        let permission = AccessKeyPermission::FullAccess;
        self.add_key(index, public_key, AccessKey { nonce, permission });
    }

    fn append_action_add_key_with_function_call(
        &mut self,
        index: ReceiptIndex,
        public_key: PublicKey,
        nonce: Nonce,
        allowance: Option<NearToken>,
        receiver_id: AccountId,
        method_names: Vec<Vec<u8>>,
    ) -> Result<()> {
        let permission = permission(allowance, receiver_id, method_names)?;
        let permission = AccessKeyPermission::FunctionCall(permission);
        self.add_key(index, public_key, AccessKey { nonce, permission });
        Ok(())
    }

    fn append_action_delete_key(&mut self, index: ReceiptIndex, public_key: PublicKey) {
        let action = actions::DeleteKeyAction { public_key };
        self.append(index, Action::DeleteKey(Box::new(action)));
    }

    fn append_action_delete_account(&mut self, index: ReceiptIndex, beneficiary_id: AccountId) {
        self.append(index, Action::DeleteAccount(actions::DeleteAccountAction { beneficiary_id }));
    }

    fn get_receipt_receiver(&self, index: ReceiptIndex) -> &AccountId {
        &self.promises.get(position(index)).expect("the host checked the receipt index").receiver
    }

    fn set_refund_to(&mut self, index: ReceiptIndex, refund_to: AccountId) {
        self.promise(index).refund_to = Some(refund_to);
    }

    fn post_quantum_keys_enabled(&self) -> bool {
        self.post_quantum_keys
    }
}
